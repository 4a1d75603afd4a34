"""The application's role and its pool, as row-level security needs them."""

import threading
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections

from config.database import OwnerMigrates
from config.home import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, Home
from config.roles import prepare_database


def _scalar(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_the_application_is_a_role_without_powers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (APP_ROLE, False, False, False, False, False)
    assert _scalar("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "ALTER TABLE auth_user DISABLE ROW LEVEL SECURITY",
        "DROP TABLE auth_user",
        "TRUNCATE auth_user",
        "SET ROLE satchel_owner",
        "DROP EXTENSION vector",
    ],
)
def test_it_may_not(sql: str) -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute(sql)


def test_nobody_else_may_use_the_database(home: Home) -> None:
    rights = "SELECT coalesce(array_to_string(datacl, ' '), '') FROM pg_database WHERE datname = %s"
    with psycopg.connect(home.database_url(ADMIN_ROLE)) as admin:
        (acl,) = admin.execute(rights, ["satchel"]).fetchone() or ("",)
    assert {entry.split("=")[0] for entry in acl.split()} == {OWNER_ROLE, APP_ROLE}


@pytest.fixture
def pool() -> Iterator[str]:
    """The alias of the application's database with a pool of its own: what other tests' threads
    have not given back to the common one is no fault of the pool's."""
    connections.databases["lent"] = deepcopy(connections.databases["default"])
    yield "lent"
    lent: Any = connections["lent"]
    lent.close_pool()
    del connections["lent"], connections.databases["lent"]


def test_what_a_borrower_set_is_gone_for_the_next(pool: str) -> None:
    """Every connection of the pool is spoilt, then every one is looked at."""
    size = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    spoil = "SELECT set_config('app.vault', 'of-another', false), pg_advisory_lock(7)"
    _in_threads(pool, size, spoil)
    seen = _in_threads(
        pool,
        size,
        "SELECT current_setting('app.vault', true), current_setting('TimeZone'),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())",
    )
    assert len(seen) == size
    assert {(vault or "", zone, locks) for vault, zone, locks in seen} == {("", "UTC", 0)}


def _in_threads(pool: str, count: int, sql: str) -> list[tuple[Any, ...]]:
    """Run it on `count` connections of the pool that are all borrowed at the same time."""
    together, rows = threading.Barrier(count), []
    shared = "pg_advisory_lock(7)" in sql

    def borrow() -> None:
        try:
            with connections[pool].cursor() as cursor:
                # All want the same lock: a shared one, or they would wait for each other here.
                cursor.execute(
                    sql.replace("pg_advisory_lock(", "pg_advisory_lock_shared(") if shared else sql
                )
                rows.append(cursor.fetchone())
            together.wait(20)
        finally:
            connections[pool].close()

    threads = [threading.Thread(target=borrow) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return rows


def test_the_pool_survives_a_server_that_drops_its_connections(home: Home, pool: str) -> None:
    ours = [pid for pid, *_ in _in_threads(pool, 3, "SELECT pg_backend_pid(), 1, 1")]
    with psycopg.connect(home.database_url(ADMIN_ROLE), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [ours])
    assert len(_in_threads(pool, 3, "SELECT 1, 1, 1")) == 3


def test_only_the_owner_migrates() -> None:
    assert OwnerMigrates().allow_migrate("owner", "vault")
    assert not OwnerMigrates().allow_migrate("default", "vault")


def test_new_tables_of_the_owner_are_open_to_the_application() -> None:
    with connections["owner"].cursor() as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS trial_rights (id int)")
    try:
        assert _scalar("SELECT count(*) FROM trial_rights") == 0
    finally:
        with connections["owner"].cursor() as owner:
            owner.execute("DROP TABLE trial_rights")
        connections["owner"].close()


def test_preparing_again_changes_nothing_and_breaks_nothing(home: Home) -> None:
    urls = [home.database_url(role) for role in (ADMIN_ROLE, OWNER_ROLE, APP_ROLE)]
    before = _scalar("SELECT array_agg(relacl::text ORDER BY oid) FROM pg_class")
    prepare_database(*urls)
    assert _scalar("SELECT array_agg(relacl::text ORDER BY oid) FROM pg_class") == before


def test_passwords_reach_the_server_only_as_hashes(home: Home) -> None:
    urls = [
        home.database_url(ADMIN_ROLE),
        home.database_url("trial_owner") + "&password=owners-word",
        home.database_url("trial_app").replace("/satchel?", "/trial?") + "&password=apps-word",
    ]
    prepare_database(*urls)
    with psycopg.connect(home.database_url(ADMIN_ROLE), autocommit=True) as admin:
        rows = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'trial_%'")
        assert {row[0].split("$")[0] for row in rows} == {"SCRAM-SHA-256"}
        for sql in ("DATABASE trial", "ROLE trial_app", "ROLE trial_owner"):
            admin.execute(f"DROP {sql}")


def test_no_model_waits_for_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
