"""`GET /api/v1/health`: may work be sent here? Asks the database and the broker."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config import __version__
from config.celery import app

_log = logging.getLogger(__name__)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when everything answers; 503 with words about what does not."""
    troubles = [trouble for trouble in (_database_trouble(), _broker_trouble()) if trouble]
    if troubles:
        return JsonResponse({"status": "unavailable", "detail": " ".join(troubles)}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})


def _database_trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        _log.exception("The database does not answer.")
        return "The database does not answer."
    return ""


def _broker_trouble() -> str:
    try:
        with app.connection_for_read() as broker:  # type: ignore[no-untyped-call]
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (OperationalError, OSError):
        _log.exception("The broker does not answer.")
        return "The broker for background work does not answer."
    return ""
