"""Django's system checks for whoever runs the service."""

from typing import Any

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections


@checks.register(checks.Tags.database, deploy=True)
def application_role(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """The role that serves requests must be bound by row-level security."""
    if not databases or DEFAULT_DB_ALIAS not in databases:
        return []
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (unbound,) = cursor.fetchone()
    if not unbound:
        return []
    hint = "Let DATABASE_URL name a role without SUPERUSER and BYPASSRLS."
    return [
        checks.Error("The database role ignores row-level security.", hint=hint, id="vault.E001")
    ]
