"""Apps that register themselves: what is taken, and what is not."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from api.oauth import clients
from tests.api.oauth.apps import BACK, registered
from vault.outbound import Answer


@pytest.fixture(autouse=True)
def uncounted() -> None:
    cache.clear()


def registering(said: Any) -> tuple[int, dict[str, Any]]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = Client().post("/oauth/register", body, content_type="application/json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://[::1",
        "javascript:alert(1)",
    ],
)
def test_a_code_never_goes_over_a_network_in_the_clear(address: str) -> None:
    status, said = registering({"redirect_uris": [BACK, address]})
    assert status == 400 and said["error"].startswith("invalid_")


@pytest.mark.parametrize(
    "address",
    ["http://localhost/callback", "http://[::1]:1/x", "https://app.example/", "cursor://a.b/c"],
)
def test_own_computers_and_own_schemes_are_taken(address: str) -> None:
    assert registered(redirect_uris=[address]).client_id


def test_an_app_that_offers_more_gets_what_there_is() -> None:
    device = "urn:ietf:params:oauth:grant-type:device_code"
    assert registered(grant_types=["authorization_code", "refresh_token", device]).client_id


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b"{" * 5000, b"1", b'{"redirect_uris": 1}'])
def test_what_is_no_registration_is_refused_in_words(body: bytes) -> None:
    status, said = registering(body)
    assert status == 400 and said["error_description"]


def test_too_many_and_too_long_are_refused() -> None:
    assert registering({"client_name": "x" * 20_000})[0] == 413
    statuses = [registering({"redirect_uris": [BACK]})[0] for _ in range(25)]
    assert statuses.count(429) >= 4


def test_a_document_in_the_clear_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    said = json.dumps({"redirect_uris": ["http://evil.example/"]}).encode()
    answer = Answer(200, {"content-type": "application/json"}, said)
    sent = type("Sent", (), {"send": lambda self, *a, **kw: answer})()
    monkeypatch.setattr(clients, "outbound", lambda: sent)
    with pytest.raises(clients.CIMDError):
        clients.Fetcher().fetch("https://app.example/client.json")
