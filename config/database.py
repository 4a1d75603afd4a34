"""The two ways into the database: the application's pool, and the owner who migrates.

The application's role owns nothing, so that row-level security binds it. What a borrower of a
connection set on it is undone before the next one gets it.
"""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from config.environment import Misconfigured

OWNER = "owner"

_KNOWN = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


class OwnerMigrates:
    """Router: tables are made through the owner's connection only."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return db == OWNER


def forget_borrower(connection: psycopg.Connection[Any]) -> None:
    """Undo every setting, role and lock of the last borrower. Runs as a connection comes back."""
    was = connection.autocommit
    connection.autocommit = True
    connection.execute("RESET ROLE; RESET ALL; SELECT pg_advisory_unlock_all()")
    connection.autocommit = was


def application(url: str, threads: int) -> dict[str, Any]:
    """The `default` database: a pool with room for `threads` and two more."""
    pool = {"min_size": 1, "max_size": threads + 2, "timeout": 10, "reset": forget_borrower}
    found = _parse("DATABASE_URL", url)
    found["OPTIONS"]["pool"] = pool
    return found | {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


def owner(url: str) -> dict[str, Any]:
    """The `owner` database, without a pool: it serves one command at a time."""
    return _parse("DATABASE_OWNER_URL", url)


def _parse(name: str, url: str) -> dict[str, Any]:
    try:
        found = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        raise Misconfigured(f"{name} is not an address like postgresql://user@host/db.") from None
    if not found.get("dbname"):
        raise Misconfigured(f"{name} names no database: postgresql://user@host/NAME.")
    parts = {django: found.pop(libpq, "") for libpq, django in _KNOWN.items()}
    # The time zone travels with the connection, so that RESET ALL returns to it.
    options = {**found, "options": f"{found.get('options', '')} -c TimeZone=UTC".strip()}
    options.setdefault("connect_timeout", "10")
    options.setdefault("application_name", "satchel")
    return {"ENGINE": "django.db.backends.postgresql", **parts, "OPTIONS": options}
