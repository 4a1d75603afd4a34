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
    """Why something does not answer is in the log."""

    status = serializers.ChoiceField(["ok", "unavailable"])
    detail = serializers.CharField(required=False, help_text="What does not answer.")


class Health(OpenView):
    @extend_schema(responses={200: HealthShape, 503: HealthShape}, operation_id="health")
    def get(self, request: Request) -> Response:
        """200 when everything answers, 503 when something does not. No token."""
        troubles = [trouble for trouble in (database_trouble(), broker_trouble()) if trouble]
        if troubles:
            return Response({"status": "unavailable", "detail": " ".join(troubles)}, 503)
        return Response({"status": "ok"})


def database_trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("The database does not answer (%s).", type(error).__name__)
        return "The database does not answer."
    return ""


def broker_trouble() -> str:
    try:
        with current_app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (OperationalError, OSError) as error:
        logger.error("The broker does not answer (%s).", type(error).__name__)
        return "The broker for background work does not answer."
    return ""
