"""`GET ready`: can all of it work? Also asks for the tables and the keys."""

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest.health import HealthShape, broker_trouble, database_trouble
from api.rest.view import OpenView
from vault.keys.custodian import KeyServerError, KeysFolderError, custodian, today

logger = logging.getLogger(__name__)


class Ready(OpenView):
    @extend_schema(responses={200: HealthShape, 503: HealthShape}, operation_id="ready")
    def get(self, request: Request) -> Response:
        """200 when vaults can be opened and worked with, 503 when not: also the tables are of this
        version, and the server's keys are there. No token."""
        down = [database_trouble(), broker_trouble()]
        down += [] if down[0] else [_tables_trouble()]
        troubles = [trouble for trouble in (*down, _keys_trouble()) if trouble]
        if troubles:
            return Response({"status": "unavailable", "detail": " ".join(troubles)}, 503)
        return Response({"status": "ok"})


_known: set[str] = set()


def _tables_trouble() -> str:
    """Asked until it is so: tables do not go back under a running server."""
    if "tables" in _known:
        return ""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        logger.error("The tables cannot be looked at (%s).", type(error).__name__)
        return "The database does not answer."
    if missing:
        return "The tables are of another version. Run `manage.py migrate`."
    _known.add("tables")
    return ""


def _keys_trouble() -> str:
    try:
        custodian().pepper()
        custodian().pepper_of(today())
    except (KeyServerError, KeysFolderError, OSError) as error:
        logger.error("The server's keys are not to be had (%s).", type(error).__name__)
        return "The server's keys are not to be had."
    return ""
