"""Apps that register with hostile words: none leads a code elsewhere, none breaks the server."""

import json
from typing import Any

import pytest
from django.test import Client

from api import throttles
from tests.api.oauth.apps import BACK, registered
from tests.people import Person, new_person, signed_in

_CLEAR = "http://evil.example/"
ADDRESSES = {
    "two in one": f"https://app.example/ {_CLEAR}",
    "two, by a line": f"https://app.example/\n{_CLEAR}",
    "two, by a wide space": f"https://app.example/\u3000{_CLEAR}",
    "in the clear": _CLEAR,
    "a slash the other way": "https://evil.example\\.app.example/",
    "a name before it": "https://app.example\\@evil.example/",
    "letters beyond ASCII": "https://app.example\u3002evil.example/",
    "no end": "https://[::1/",
    "a script": "javascript:alert(1)",
    "data": "data:text/html,x",
    "nothing": "https://app.example/\0",
    "half a letter": "https://app.example/\ud800",
}


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


def sent(method: str, address: str, said: Any, token: str = "") -> Any:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    head = {"Authorization": f"Bearer {token}"} if token else {}
    browser = Client(raise_request_exception=False)
    return browser.generic(method, address, body, "application/json", headers=head)


def changed(said: Any) -> Any:
    """What an app that is registered already is told when it wants to be this from now on."""
    made = sent("POST", "/oauth/register", wanted()).json()
    place, token = made["registration_client_uri"], made["registration_access_token"]
    return sent("PUT", place.removeprefix("http://testserver"), said, token)


def wanted(**more: Any) -> dict[str, Any]:
    return {"redirect_uris": [BACK], "token_endpoint_auth_method": "none"} | more


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_that_leads_elsewhere_is_refused(address: str) -> None:
    for answer in (
        sent("POST", "/oauth/register", wanted(redirect_uris=[BACK, address])),
        changed(wanted(redirect_uris=[BACK, address])),
    ):
        assert answer.status_code == 400, answer.content
        assert answer.json()["error"].startswith("invalid_")


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "a\u202eb", ["x"], {"a": 1}, 7, None])
def test_any_name_is_taken_or_refused_in_words(name: Any) -> None:
    for answer in (
        sent("POST", "/oauth/register", wanted(client_name=name)),
        changed(wanted(client_name=name)),
    ):
        assert answer.status_code in (200, 201, 400), answer.content
        assert "\0" not in answer.json().get("client_name", "")


@pytest.mark.parametrize("body", [b"[" * 9000, b'{"redirect_uris": ' + b"[" * 9000, b"no", b"[]"])
def test_a_change_that_is_no_json_is_refused_in_words(body: bytes) -> None:
    assert changed(body).status_code == 400


def test_a_change_is_as_short_as_a_registration() -> None:
    assert changed(wanted(client_name="x" * 20_000)).status_code == 413


def test_changes_count_with_registrations(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sent("POST", "/oauth/register", wanted()).json()
    place = made["registration_client_uri"].removeprefix("http://testserver")
    statuses = [
        sent("PUT", place, wanted(), made["registration_access_token"]).status_code
        for _ in range(25)
    ]
    assert 429 in statuses


def test_nobody_else_changes_an_app() -> None:
    mine = sent("POST", "/oauth/register", wanted()).json()
    other = sent("POST", "/oauth/register", wanted()).json()
    place = mine["registration_client_uri"].removeprefix("http://testserver")
    for token in ("", "x", other["registration_access_token"]):
        assert sent("PUT", place, wanted(), token).status_code == 401
        assert sent("DELETE", place, b"", token).status_code == 401


@pytest.mark.parametrize(
    "asked",
    [
        "https://app.example/cb#x",
        "https://app.example/cb#",
        "https://me@app.example/cb",
        "https://app.example./cb",
        "https://app.example:444/cb",
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://app.example/cb?",
        "https://app.example/cb?x=1",
        "https://app.example/%63b",
        "https://app.example/x/../cb",
        "https://app.example\\@evil.example/cb",
        "http://app.example/cb",
        "https://app.example/cb;x",
        "//app.example/cb",
        "/cb",
    ],
)
def test_no_other_spelling_of_an_address_will_do(ana: Person, asked: str) -> None:
    app = registered(redirect_uris=["https://app.example/cb"])
    answer = signed_in(ana).get(app.asks(redirect_uri=asked))
    assert answer.status_code == 400, answer.headers


@pytest.mark.parametrize(
    "asked",
    [
        "http://127.0.0.1:1@evil.example/callback",
        "http://127.0.0.1.evil.example:33418/callback",
        "http://localhost:33418/callback",
        "http://[::1]:33418/callback",
        "http://[::ffff:127.0.0.1]:33418/callback",
        "http://127.1:33418/callback",
        "http://2130706433:33418/callback",
        "https://127.0.0.1:33418/callback",
    ],
)
def test_only_the_port_of_ones_own_computer_is_free(ana: Person, asked: str) -> None:
    answer = signed_in(ana).get(registered().asks(redirect_uri=asked))
    assert answer.status_code == 400, answer.headers


def test_too_many_are_refused_whatever_they_say_of_their_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    throttles.cache.clear()
    browser = Client()
    statuses = [
        browser.post(
            "/oauth/register",
            json.dumps(wanted()),
            content_type="application/json",
            headers={"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"},
        ).status_code
        for n in range(25)
    ]
    assert statuses.count(429) == 5
