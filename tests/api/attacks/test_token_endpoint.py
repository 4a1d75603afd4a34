"""Whoever means no good at `/oauth/token`: guesses passwords, races a sign-out, widens a code,
makes the server work hard."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import auth
from django.db import connection
from django.test import Client

from api.models import AuthorizationCode
from tests.api.oauth.apps import BASE, REST, App, allow, registered
from tests.people import PASSWORD, Person, new_person, signed_in
from vault.crypto import kdf
from vault.errors import Locked
from vault.granting import families, tokens
from vault.models import GrantSlot
from vault.scope import vault_scope
from vault.types import Right

ADDS = Right(see=True, add="yes")


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


@pytest.fixture
def browser(ana: Person) -> Client:
    return signed_in(ana)


@pytest.fixture
def app() -> App:
    return registered()


def connected(app: App, browser: Client, ana: Person, **more: str) -> dict[str, Any]:
    given = allow(browser, ana, app.asks(**more), Work=ADDS)
    status, pair = app.exchanges(given["code"])
    assert status == 200, pair
    return pair


def confidential(**more: Any) -> dict[str, Any]:
    said = {"client_name": "A", "redirect_uris": ["https://app.example/"]} | more
    answer = Client().post("/oauth/register", json.dumps(said), content_type="application/json")
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_no_password_is_ever_looked_at(
    ana: Person, app: App, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(auth, "authenticate", lambda *a, **kw: tried.append(kw))
    monkeypatch.setattr(
        "oauth2_provider.oauth2_validators.authenticate", lambda *a, **kw: tried.append(kw)
    )
    said = {"grant_type": "password", "client_id": app.client_id}
    said |= {"username": ana.user.username, "password": password}
    answer = Client().post("/oauth/token", said)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert tried == []


@pytest.mark.parametrize(
    "kind", ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "", "x" * 5000]
)
def test_there_is_no_other_grant_type(kind: str) -> None:
    made = confidential()
    both = f"{made['client_id']}:{made['client_secret']}"
    head = {"Authorization": "Basic " + base64.b64encode(both.encode()).decode()}
    said = {"grant_type": kind, "scope": "memory.read", "device_code": "x"}
    answer = Client(raise_request_exception=False).post("/oauth/token", said, headers=head)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"] in ("unsupported_grant_type", "invalid_request")


def test_an_app_that_registered_for_another_grant_gets_nothing_by_it() -> None:
    made = confidential(grant_types=["client_credentials"])
    said = {"grant_type": "client_credentials", "client_id": made["client_id"]}
    said |= {"client_secret": made["client_secret"]}
    answer = Client(raise_request_exception=False).post("/oauth/token", said)
    assert answer.status_code == 400, answer.content


@pytest.fixture
def derivations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What was spent on passwords."""
    spent: list[int] = []
    real = kdf.derive_password

    def counted(*args: Any, **kwargs: Any) -> Any:
        spent.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(kdf, "derive_password", counted)
    yield spent


def test_a_stranger_cannot_make_the_server_derive_keys(derivations: list[int]) -> None:
    """Each costs 128 MiB: nobody who has not signed in may have it done as often as they like."""
    made, public = confidential(), registered()
    for secret in ("wrong", made["client_secret"]):
        said = {"client_id": made["client_id"], "client_secret": secret, "token": "x"}
        Client().post("/oauth/revoke", said)
        Client().post("/oauth/token", said | {"grant_type": "refresh_token", "refresh_token": "x"})
    said = {"client_id": public.client_id, "client_secret": "x", "token": "x"}
    Client().post("/oauth/revoke", said)
    assert derivations == []


def test_an_app_with_a_secret_needs_it() -> None:
    made = confidential()
    said = {"client_id": made["client_id"], "grant_type": "refresh_token", "refresh_token": "x"}

    def refused(**more: str) -> str:
        words: str = Client().post("/oauth/token", said | more).json()["error"]
        return words

    assert refused() == refused(client_secret="wrong") == "invalid_client"
    assert refused(client_secret=made["client_secret"]) == "invalid_grant"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT client_secret FROM oauth2_provider_application WHERE client_id = %s",
            [made["client_id"]],
        )
        (kept,) = cursor.fetchone()
    assert made["client_secret"] not in kept


def test_who_signs_out_while_a_refresh_is_under_way_is_out(
    app: App, browser: Client, ana: Person
) -> None:
    pair = connected(app, browser, ana)
    opened = families.opened(pair["refresh_token"], tokens.REFRESH, app.client_id)
    families.end(pair["access_token"], app.client_id)
    with pytest.raises(Locked):
        families.give(opened, tokens.new(ana.vault_id), tokens.new(ana.vault_id), frozenset())
    with vault_scope(ana.vault_id):
        family = GrantSlot.objects.filter(vault_id=ana.vault_id, family=opened.slot.family)
        assert not family.exists()


def test_a_code_that_was_widened_in_the_database_gives_no_more(
    app: App, browser: Client, ana: Person
) -> None:
    given = allow(browser, ana, app.asks(scope="memory.read"), Work=ADDS)
    AuthorizationCode.objects.filter(application__client_id=app.client_id).update(
        scope="memory.read memory.write"
    )
    status, pair = app.exchanges(given["code"])
    if status == 200:
        head = {"Authorization": f"Bearer {pair['access_token']}"}
        assert app.http.get("/api/v1/me", headers=head).json()["scopes"] == ["memory.read"]


def test_a_refresh_never_widens(app: App, browser: Client, ana: Person) -> None:
    first = connected(app, browser, ana, scope="memory.read memory.write")
    _, narrow = app.refreshes(first["refresh_token"], scope="memory.read")
    status, said = app.refreshes(narrow["refresh_token"], scope="memory.read memory.write")
    assert (status, said["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "more",
    [
        {"code_verifier": ""},
        {"code_verifier": "x" * 43},
        {"redirect_uri": "http://127.0.0.1:33418/callback/"},
        {"redirect_uri": "http://127.0.0.1:33418/CALLBACK"},
        {"client_id": ""},
        {"client_id": "\0"},
        {"resource": BASE + "/mcp"},
        {"resource": REST + "/memories"},
        {"code": "\0"},
        {"code": "satchel_" + "A" * 64},
    ],
    ids=str,
)
def test_a_stolen_code_is_worth_nothing(
    app: App, browser: Client, ana: Person, more: dict[str, str]
) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    status, said = app.exchanges(**({"code": given["code"]} | more))
    assert status in (400, 401), said
    assert "access_token" not in said and given["code"] not in json.dumps(said)


def test_a_code_works_for_no_other_app(app: App, browser: Client, ana: Person) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    thief = registered("Thief")
    thief.verifier = app.verifier
    assert thief.exchanges(given["code"])[0] == 400
    assert app.exchanges(given["code"])[0] == 200


def test_secrets_in_the_address_are_not_taken(app: App, browser: Client, ana: Person) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    said = f"code={given['code']}&code_verifier={app.verifier}&client_id={app.client_id}"
    answer = app.http.post(
        f"/oauth/token?grant_type=authorization_code&redirect_uri={app.redirect}&{said}"
    )
    assert answer.status_code == 400
    assert app.http.get("/oauth/token").status_code == 405


@pytest.mark.parametrize("challenge", ["", "x"])
def test_an_empty_or_short_challenge_leads_to_no_token(
    app: App, browser: Client, ana: Person, challenge: str
) -> None:
    address = app.asks(code_challenge="PLACE").replace("PLACE", challenge)
    answer = browser.post(address, {"ends": "90", "password": PASSWORD})
    if answer.status_code == 302 and "code=" in answer["Location"]:
        code = answer["Location"].split("code=")[1].split("&")[0]
        for verifier in ("", "x", "x" * 43):
            assert app.exchanges(code, code_verifier=verifier)[0] == 400


def test_a_sign_out_waits_for_the_refresh_that_is_under_way(
    app: App, browser: Client, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then ends what that gave, too."""
    pair = connected(app, browser, ana)
    giving, add = threading.Event(), tokens.add_slot

    def slowly(*args: Any, **kwargs: Any) -> Any:
        made = add(*args, **kwargs)
        giving.set()
        time.sleep(0.5)
        return made

    def ended() -> None:
        giving.wait(5)
        families.end(pair["access_token"], app.client_id)
        connection.close()

    other = threading.Thread(target=ended)
    monkeypatch.setattr(tokens, "add_slot", slowly)
    other.start()
    status, late = app.refreshes(pair["refresh_token"])
    other.join()
    assert status == 200
    assert (app.calls(late["access_token"]), app.refreshes(late["refresh_token"])[0]) == (401, 400)


@pytest.mark.parametrize("field", ["client_id", "redirect_uri", "state", "nonce", "code_challenge",
    "scope", "resource", "claims", "response_type", "purpose"])  # fmt: skip
@pytest.mark.parametrize("value", ["\0", "a\0b" * 15, "\udcff", "x" * 5000])
def test_what_the_database_cannot_hold_breaks_nothing(
    app: App, ana: Person, field: str, value: str
) -> None:
    browser = signed_in(ana)
    browser.raise_request_exception = False
    address = app.asks(**{field: "PLACE"}).replace("PLACE", quote(value, errors="surrogatepass"))
    said = {"ends": "90", "password": PASSWORD, f"see-{ana.collection('Work')}": "on"}
    for answer in (browser.get(address), browser.post(address, said)):
        assert answer.status_code < 500, answer.content[-300:]
    sent = {"client_id": app.client_id, "grant_type": "authorization_code", field: value}
    sent |= {"token": value, "code": value, "refresh_token": value}
    body = urlencode(sent, errors="surrogatepass")
    for path in ("/oauth/token", "/oauth/revoke"):
        answer = browser.post(path, body, "application/x-www-form-urlencoded")
        assert answer.status_code < 500, answer.content[-300:]
