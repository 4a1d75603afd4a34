"""`GET health`: may work be sent here? Asks the database and the broker."""

import logging
from typing import Any

from celery import current_app
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest.view import OpenView

logger = logging.getLogger(__name__)


class HealthShape(serializers.Serializer[Any]):
    """Each part answers or does not; why not is in the log."""

    status = serializers.ChoiceField(["ok", "unavailable"])
    database = serializers.BooleanField()
    broker = serializers.BooleanField()


class Health(OpenView):
    @extend_schema(responses={200: HealthShape, 503: HealthShape}, operation_id="health")
    def get(self, request: Request) -> Response:
        """200 when everything answers, 503 when something does not. No token."""
        parts = {"database": _database_answers(), "broker": _broker_answers()}
        well = all(parts.values())
        return Response({"status": "ok" if well else "unavailable", **parts}, 200 if well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("The database does not answer (%s).", type(error).__name__)
        return False
    return True


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (OperationalError, OSError) as error:
        logger.error("The broker does not answer (%s).", type(error).__name__)
        return False
    return True
