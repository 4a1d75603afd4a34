"""An app that names itself by an address: the server reads only what it should, and from nowhere
else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from rest_framework.settings import api_settings

from api.oauth import clients
from api.oauth.clients import CIMDError, Fetcher
from tests.api.oauth.apps import BACK, App
from tests.people import Person, new_person, signed_in
from vault.outbound import Answer

HERE = "https://app.example/client.json"


@dataclass
class Shelf:
    """The internet, as one server."""

    said: dict[str, Any] = field(default_factory=dict)
    kind: str = "application/json"
    asked: list[str] = field(default_factory=list)

    def send(self, method: str, address: str, **more: Any) -> Answer:
        self.asked.append(address)
        document = {"client_id": address, "client_name": "App", "redirect_uris": [BACK]}
        body = json.dumps(document | self.said).encode()
        return Answer(200, {"content-type": self.kind}, body)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf()
    monkeypatch.setattr(clients, "outbound", lambda: made)
    yield made


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


@pytest.mark.parametrize(
    "address",
    [
        "https://app.example/a/../client.json",
        "https://app.example/a/./client.json",
        "https://app.example",
        "https://app.example/x#y",
        "https://me@app.example/x",
        "https://evil.example\\.app.example/x",
        "https://app.example/x y",
        "https://app.example:99999/x",
        "https:///x",
    ],
)
def test_an_address_that_two_read_differently_is_not_asked(shelf: Shelf, address: str) -> None:
    with pytest.raises(CIMDError):
        Fetcher().fetch(address)
    assert shelf.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost:9/x",
        "https://[::1]:9/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://169.254.169.254/x",
        "https://2852039166/x",
        "https://0xa9fea9fe/x",
        "https://0.0.0.0/x",
        "https://10.0.0.1/x",
    ],
)
def test_the_servers_inside_is_not_asked(address: str) -> None:
    with pytest.raises(CIMDError):
        Fetcher().fetch(address)


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "", "application/octet-stream"])
def test_what_people_could_put_on_somebody_elses_host_is_no_document(
    shelf: Shelf, kind: str
) -> None:
    shelf.kind = kind
    with pytest.raises(CIMDError):
        Fetcher().fetch(HERE)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/cimd+json"])
def test_a_document_is_json(shelf: Shelf, kind: str) -> None:
    shelf.kind = kind
    assert Fetcher().fetch(HERE)[0]["client_id"] == HERE


@pytest.mark.parametrize(
    "address",
    ["https://a.example/ http://evil.example/", "https://evil.example\\.app.example/", "http://a/"],
)
def test_a_document_has_no_address_that_leads_elsewhere(shelf: Shelf, address: str) -> None:
    shelf.said = {"redirect_uris": [BACK, address]}
    with pytest.raises(CIMDError):
        Fetcher().fetch(HERE)


@pytest.mark.parametrize(
    "said",
    [
        {"client_name": "a\0b"},
        {"client_name": "a\ud800b"},
        {"client_name": ["x"]},
        {"redirect_uris": []},
        {"redirect_uris": "https://app.example/"},
        {"redirect_uris": ["https://app.example/\ud800"]},
        {"client_id": "https://vendor.example/client.json"},
        {"client_secret": "x"},
        {"grant_types": ["client_credentials"]},
        {"token_endpoint_auth_method": "client_secret_basic"},
    ],
    ids=str,
)
def test_a_hostile_document_breaks_nothing(ana: Person, shelf: Shelf, said: dict[str, Any]) -> None:
    shelf.said = said
    name = f"https://app.example/{abs(hash(str(said)))}.json"
    answer = signed_in(ana).get(App(name).asks())
    assert answer.status_code in (200, 400), answer.content


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_a_stranger_cannot_make_the_server_ask_others(shelf: Shelf, path: str) -> None:
    """Only a person who is asked has use for a document: nobody has a code before that."""
    said = {"client_id": HERE + path, "grant_type": "refresh_token", "refresh_token": "x"}
    answer = Client().post(path, said | {"token": "x"})
    assert answer.status_code in (400, 401)
    assert Client().get(App(HERE + path).asks()).status_code == 302, "to sign in"
    assert shelf.asked == []


def test_behind_a_proxy_each_person_has_an_allowance(
    ana: Person, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clients.throttles.time.time()
    monkeypatch.setattr(clients.throttles.time, "time", lambda: now)
    monkeypatch.setattr(clients, "PER_ADDRESS", 2)
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1, raising=False)
    browser = signed_in(ana)

    def asks(name: str, address: str) -> int:
        asked = App(f"https://app.example/{name}.json").asks()
        status: int = browser.get(asked, headers={"X-Forwarded-For": address}).status_code
        return status

    flood = [asks(f"flood-{n}", "203.0.113.1") for n in range(4)]
    assert flood == [200, 200, 400, 400]
    assert asks("calm", "203.0.113.2") == 200


def test_a_document_that_changes_after_consent_changes_nothing_that_was_given(
    ana: Person, shelf: Shelf
) -> None:
    app = App("https://app.example/changing.json")
    browser = signed_in(ana)
    assert browser.get(app.asks()).status_code == 200
    shelf.said = {"redirect_uris": ["https://evil.example/"], "client_name": "Other"}
    assert browser.get(app.asks(redirect_uri="https://evil.example/")).status_code == 400
    assert len(shelf.asked) == 1, "it is kept for an hour"
