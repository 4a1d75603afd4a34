"""Django's system checks for whoever runs the service."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from vault.models import TenantModel

_NO_ANSWER = checks.Error(
    "The database does not answer, so nothing about it was checked.",
    hint="`up` has to run; if its data is not in the usual folder, name that in SATCHEL_HOME. With "
    "a database of your own, look at DATABASE_URL.",
    id="vault.E003",
)


@checks.register(checks.Tags.database, deploy=True)
def application_role(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """The role that serves requests must be bound by row-level security, on every table."""
    if not databases or DEFAULT_DB_ALIAS not in databases:
        return []
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            return [*_role(cursor), *_tables(cursor), *_logging(cursor)]
    except OperationalError:
        return [_NO_ANSWER]


def _role(cursor: Any) -> Iterator[checks.CheckMessage]:
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        yield checks.Error(
            "The database role ignores row-level security.",
            hint="Let DATABASE_URL name a role without SUPERUSER and BYPASSRLS.",
            id="vault.E001",
        )


def _tables(cursor: Any) -> Iterator[checks.CheckMessage]:
    tables = [m._meta.db_table for m in apps.get_models() if issubclass(m, TenantModel)]
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relname = ANY(%s) AND NOT"
        " (c.relrowsecurity AND c.relforcerowsecurity"
        "  AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)"
        "  AND pg_get_userbyid(c.relowner) <> current_user)",
        [tables],
    )
    if bare := sorted(name for (name,) in cursor.fetchall()):
        yield checks.Error(
            f"No forced row-level security on: {', '.join(bare)}.",
            hint="Run `manage.py migrate` as the role that owns the tables, and serve as another.",
            id="vault.E002",
        )


def _logging(cursor: Any) -> Iterator[checks.CheckMessage]:
    cursor.execute(
        "SELECT name, setting FROM pg_settings WHERE name IN"
        " ('log_parameter_max_length', 'log_parameter_max_length_on_error')"
    )
    if wrong := sorted(name for name, setting in cursor.fetchall() if setting != "0"):
        yield checks.Warning(
            "PostgreSQL may write the values of queries into its log: names and times of people.",
            hint=f"Set {' and '.join(wrong)} to 0 in postgresql.conf.",
            id="vault.W001",
        )
