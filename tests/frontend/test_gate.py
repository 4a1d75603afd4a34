"""What the way into every page makes of two changes that met in the database."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from psycopg import errors

from sync.upkeep import reembedding
from tests.people import PASSWORD, Person


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (errors.DeadlockDetected("canary"), 409),
        (errors.SerializationFailure("canary"), 409),
        (errors.AdminShutdown("canary"), 500),
    ],
)
def test_two_changes_that_met_are_asked_to_come_again(
    client: Client,
    person: Person,
    cause: Exception,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("canary") from cause

    client.force_login(person.user)
    assert client.post(reverse("unlock"), {"password": PASSWORD}).status_code == 302
    monkeypatch.setattr(reembedding, "catch_up", fail)
    client.raise_request_exception = False
    answer = client.get(reverse("memories"))
    assert answer.status_code == status
    assert (b"Please try again" in answer.content) == (status == 409)
    assert b"canary" not in answer.content
    assert status == 500 or "canary" not in caplog.text
