"""`migrate` as the role that owns the tables, one at a time."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from config.database import OWNER

_LOCK = 7305808869231650670  # any fixed number that nothing else locks


class Command(DjangoMigrate):
    """Django's own, on the owner's connection, under a lock that other starts wait for."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == OWNER and OWNER not in connections.settings:
            raise CommandError(
                "DATABASE_URL is the application's role, which may not change tables. "
                "Set DATABASE_OWNER_URL too."
            )
        with connections[OWNER].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                super().handle(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
