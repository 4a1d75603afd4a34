"""`prepare_database`: make roles, database and extension on a PostgreSQL of your own."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from psycopg import Error

from config.environment import Environment
from config.roles import prepare_database


class Command(BaseCommand):
    help = (
        "Makes the owner's and the application's role, the database and the vector extension, "
        "as the superuser of DATABASE_ADMIN_URL. Safe to repeat. Run `migrate` afterwards."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        environment = Environment(os.environ)
        names = ("DATABASE_ADMIN_URL", "DATABASE_OWNER_URL", "DATABASE_URL")
        urls = [environment.text(name) for name in names]
        if missing := [name for name, url in zip(names, urls, strict=True) if not url]:
            raise CommandError(f"Set {' and '.join(missing)} (or with _FILE, the file it is in).")
        try:
            prepare_database(*urls)
        except Error as error:
            raise CommandError(f"The database could not be prepared: {error}") from None
        self.stdout.write("Roles, database and extension are ready.")
