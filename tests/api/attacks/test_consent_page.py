"""The consent page, driven by somebody else than its owner, or with a form made up by hand."""

import pytest
from django.test import Client

from tests.api.oauth.apps import App, allow, registered, sent_back
from tests.people import PASSWORD, Person, new_person, signed_in
from vault.granting import clients, grants
from vault.types import Right


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


@pytest.fixture
def browser(ana: Person) -> Client:
    return signed_in(ana)


@pytest.fixture
def app() -> App:
    return registered()


def code_in(answer: object) -> bool:
    return "code=" in getattr(answer, "headers", {}).get("Location", "")


def test_another_site_can_neither_frame_nor_send_it(ana: Person, app: App) -> None:
    browser = signed_in(ana)
    page = browser.get(app.asks())
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "no-store" in page.headers["Cache-Control"]
    browser.handler.enforce_csrf_checks = True
    said = {"password": PASSWORD, "ends": "90", f"see-{ana.collection('Work')}": "on"}
    for head in ({}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}):
        assert browser.post(app.asks(), said, headers=head).status_code == 403
        assert browser.post(app.asks(), {"deny": "1"}, headers=head).status_code == 403
    assert clients.known(ana.access, app.client_id) is None


def test_looking_gives_nothing(browser: Client, ana: Person, app: App) -> None:
    place = ana.collection("Work")
    more = f"&password={PASSWORD}&ends=90&see-{place}=on&again=1&allow=1&prompt=none"
    answer = browser.get(app.asks() + more)
    assert answer.status_code == 200 and not code_in(answer)
    assert not code_in(browser.head(app.asks() + more))
    said = {"ends": "90", f"see-{place}": "on", "password": PASSWORD, "preview": "1"}
    assert not code_in(browser.post(app.asks(), said))
    assert clients.known(ana.access, app.client_id) is None


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
def test_without_the_password_nobody_is_let_in(
    browser: Client, ana: Person, app: App, password: str
) -> None:
    said = {"ends": "90", f"see-{ana.collection('Work')}": "on", "password": password}
    assert not code_in(browser.post(app.asks(), said))
    assert not code_in(browser.post(app.asks(), said | {"again": "1"}))


def test_collections_of_others_cannot_be_ticked(browser: Client, ana: Person, app: App) -> None:
    ben = new_person()
    said = {"ends": "90", "password": PASSWORD}
    for place in (*ben.access.rights, "x", "00000000-0000-7000-8000-000000000000"):
        said |= {f"see-{place}": "on", f"add-{place}": "yes"}
    answer = browser.post(app.asks(), said)
    assert answer.status_code == 200 and not code_in(answer)
    assert clients.known(ana.access, app.client_id) is None


@pytest.mark.parametrize("preset", ["open", "read", "suggest", "custom", "all", "", "OPEN"])
def test_nothing_is_given_beyond_what_was_asked_for(
    browser: Client, ana: Person, preset: str
) -> None:
    app = registered()
    said = {"ends": "90", "password": PASSWORD, "preset": preset}
    for place in ana.access.rights:
        said |= {f"see-{place}": "on", f"add-{place}": "yes"}
    answer = browser.post(app.asks(scope="memory.suggest"), said)
    known = clients.known(ana.access, app.client_id)
    if known is not None:
        assert {(right.see, right.add) for right in known.rights.values()} <= {(False, "ask")}
    else:
        assert not code_in(answer)


def test_an_answer_sent_again_after_a_revoke_connects_anew_and_never_with_the_old_key(
    browser: Client, ana: Person, app: App
) -> None:
    first = app.exchanges(allow(browser, ana, app.asks(), Work=Right(True))["code"])[1]
    grant = clients.known(ana.access, app.client_id)
    assert grant is not None
    grants.revoke(ana.access, grant.id)
    again = browser.post(app.asks(), {"again": "1", "password": PASSWORD})
    assert again.status_code == 200 and not code_in(again), "what it gets has to be chosen anew"
    allow(browser, ana, app.asks(), Work=Right(True))
    assert (app.calls(first["access_token"]), app.refreshes(first["refresh_token"])[0]) == (
        401,
        400,
    )


def test_between_code_and_token_the_owner_can_still_change_their_mind(
    browser: Client, ana: Person
) -> None:
    for act in (grants.revoke, grants.pause):
        app = registered()
        given = allow(browser, ana, app.asks(), Work=Right(True, "yes"))
        grant = clients.known(ana.access, app.client_id)
        assert grant is not None
        act(ana.access, grant.id)
        status, pair = app.exchanges(given["code"])
        assert status == 400 or app.calls(pair["access_token"]) == 401
    app = registered()
    given = allow(browser, ana, app.asks(), Work=Right(True, "yes"), Travel=Right(True))
    grant = clients.known(ana.access, app.client_id)
    assert grant is not None
    grants.change(ana.access, grant.id, rights={ana.collection("Travel"): Right(True)})
    head = {"Authorization": f"Bearer {app.exchanges(given['code'])[1]['access_token']}"}
    (left,) = app.http.get("/api/v1/me", headers=head).json()["collections"]
    assert (left["name"], left["add"]) == ("Travel", "no")


def test_whoever_is_not_signed_in_is_led_to_the_door_and_nowhere_else(app: App) -> None:
    answer = Client().get(app.asks(prompt="none", redirect_uri="https://evil.example/"))
    assert answer.status_code == 302 and answer["Location"].startswith("/")
    answer = Client().post(app.asks(), {"password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"].startswith("/")


@pytest.mark.parametrize("mode", ["fragment", "form_post", "query", "x"])
def test_an_answer_goes_where_it_was_to_go_in_any_mode(
    browser: Client, app: App, mode: str
) -> None:
    answer = browser.post(app.asks(response_mode=mode), {"deny": "1"})
    assert answer.status_code == 302 and answer["Location"].startswith(app.redirect + "?")
    assert sent_back(answer["Location"])["iss"] == "http://testserver"
