"""Makes the two database roles: one owns the tables, the other is what the application runs as.

The application's role is no superuser, owns nothing and may not bypass row-level security. Safe
to repeat.
"""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_ATTRIBUTES = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"


def prepare_database(admin_url: str, owner_url: str, app_url: str) -> None:
    """Make roles, database, extension and default rights, as the superuser of `admin_url`.

    Names and passwords are those of the other two addresses. psycopg.Error when it cannot be done.
    """
    owner, app = conninfo_to_dict(owner_url), conninfo_to_dict(app_url)
    database = str(app["dbname"])
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in (owner, app):
            _make_role(connection, str(role["user"]), str(role.get("password") or ""))
        _make_database(connection, database, str(owner["user"]))
    inside = make_conninfo(admin_url, dbname=database)
    with psycopg.connect(inside, autocommit=True) as connection:
        _give_rights(connection, database, str(owner["user"]), str(app["user"]))


def _make_role(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    command = sql.SQL("ALTER ROLE {} " if known else "CREATE ROLE {} ").format(sql.Identifier(role))
    connection.execute(command + sql.SQL(_ATTRIBUTES))
    if password:
        # Hashed here, so that the server never reads (or logs) the password itself.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), role.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(verifier.decode())
            )
        )


def _make_database(connection: psycopg.Connection[Any], database: str, owner: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if found.fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(database), sql.Identifier(owner)
            )
        )


def _give_rights(connection: psycopg.Connection[Any], database: str, owner: str, app: str) -> None:
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(owner),
        "app": sql.Identifier(app),
    }
    for statement in _RIGHTS:
        connection.execute(sql.SQL(statement).format(**names))


_RIGHTS = (
    "CREATE EXTENSION IF NOT EXISTS vector",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
    "GRANT ALL ON DATABASE {database} TO {owner}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "GRANT ALL ON SCHEMA public TO {owner}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
    " GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)
