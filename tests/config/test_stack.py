"""The tests stand on the real thing: roles that own nothing, a real worker, a real server."""

import urllib.request

from django.contrib.auth import get_user_model
from django.db import connection

from tests.stack import Live, Worker


def test_the_application_runs_as_a_role_that_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("satchel_app", False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


def test_orm() -> None:
    get_user_model().objects.create_user("x1", "x1@example.org")


def test_live(live: Live) -> None:
    assert urllib.request.urlopen(live.url + "/api/v1/health").status == 200


def test_worker(worker: Worker) -> None:
    assert "ready" in worker.log
