"""`GET health` asks the database and the broker, without a token."""

import json

import pytest
from celery import current_app
from django.db import DatabaseError, connection
from django.test import RequestFactory
from kombu.exceptions import OperationalError

from api.rest.health import Health


def health() -> tuple[int, dict[str, str]]:
    answer = Health.as_view()(RequestFactory().get("/api/v1/health"))
    return answer.status_code, json.loads(answer.render().content)


def test_well() -> None:
    assert health() == (200, {"status": "ok"})


def test_each_part_may_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_database() -> None:
        raise DatabaseError("canary")

    def no_broker() -> None:
        raise OperationalError("canary")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", no_database)
        status, told = health()
        assert (status, told["status"]) == (503, "unavailable")
        assert told["detail"] == "The database does not answer."
    with monkeypatch.context() as patch:
        patch.setattr(current_app, "connection_for_read", no_broker)
        status, told = health()
        assert status == 503
        assert "broker" in told["detail"] and "canary" not in told["detail"]
