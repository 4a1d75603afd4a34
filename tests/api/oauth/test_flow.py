"""An app connects, asks for memories, renews its tokens, and is out when its owner says so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.api.oauth.apps import BACK, MCP, REST, App, allow, registered, sent_back
from tests.people import Person, new_person, signed_in
from vault import tasks
from vault.granting import clients, grants, lifetimes
from vault.models import GrantSlot
from vault.scope import vault_scope
from vault.types import Right

SEES = Right(see=True)
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
    status, pair = app.exchanges(given["code"], resource=more.get("resource", REST))
    assert status == 200, pair
    return pair


def test_an_app_connects_and_reads(app: App, browser: Client, ana: Person) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    assert given["state"] == app.state and given["iss"] == "http://testserver"
    status, pair = app.exchanges(given["code"])
    assert (status, pair["token_type"], pair["expires_in"]) == (200, "Bearer", 900)
    assert app.calls(pair["access_token"]) == 200
    assert app.calls(pair["refresh_token"]) == 401
    assert app.calls(given["code"]) == 401


def test_a_wrong_verifier_gets_nothing_and_spoils_nothing(
    app: App, browser: Client, ana: Person
) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    assert app.exchanges(given["code"], code_verifier="x" * 60)[0] == 400
    assert app.exchanges(given["code"])[0] == 200


def test_a_code_shown_twice_takes_back_what_the_first_got(
    app: App, browser: Client, ana: Person
) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    _, pair = app.exchanges(given["code"])
    other = connected(registered("Another"), browser, ana)
    status, said = app.exchanges(given["code"])
    assert (status, said["error"]) == (400, "invalid_grant")
    assert app.calls(pair["access_token"]) == 401
    assert app.calls(other["access_token"]) == 200


def test_a_code_ends_after_a_minute(app: App, browser: Client, ana: Person) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    with vault_scope(ana.vault_id):
        past = timezone.now() - timedelta(seconds=1)
        GrantSlot.objects.filter(vault_id=ana.vault_id, kind="code").update(expires_at=past)
    assert app.exchanges(given["code"])[0] == 400


@pytest.mark.parametrize(
    "more",
    [
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"resource": "https://elsewhere.example/mcp"},
        {"scope": "introspection"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_not_offered_is_refused_with_the_issuer(
    app: App, browser: Client, more: dict[str, str]
) -> None:
    answer = browser.get(app.asks(**more))
    assert answer.status_code == 302, answer.content.decode()
    back = sent_back(answer["Location"])
    assert "error" in back and back["iss"] == "http://testserver" and back["state"] == app.state


@pytest.mark.parametrize("more", [{"redirect_uri": "https://evil.example/"}, {"client_id": "no"}])
def test_nobody_is_sent_to_an_address_that_was_not_registered(
    app: App, browser: Client, more: dict[str, str]
) -> None:
    answer = browser.get(app.asks(**more))
    assert answer.status_code == 400 and "evil.example" not in answer.content.decode()


def test_a_native_app_listens_on_a_port_of_its_own(browser: Client, ana: Person) -> None:
    app = registered(redirect_uris=["http://127.0.0.1/callback"])
    app.redirect = "http://127.0.0.1:49152/callback"
    given = allow(browser, ana, app.asks(), Work=ADDS)
    assert app.exchanges(given["code"])[0] == 200


def test_the_owner_can_refuse(app: App, browser: Client) -> None:
    back = sent_back(browser.post(app.asks(), {"deny": "1"})["Location"])
    assert (back["error"], back["iss"]) == ("access_denied", "http://testserver")


def test_scopes_are_a_ceiling(app: App, browser: Client, ana: Person) -> None:
    pair = connected(app, browser, ana, scope="memory.read")
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    said = app.http.get("/api/v1/me", headers=headers).json()
    assert {c["add"] for c in said["collections"]} == {"no"}


def test_a_token_works_at_its_own_address_alone(app: App, browser: Client, ana: Person) -> None:
    pair = connected(app, browser, ana, resource=MCP)
    assert app.calls(pair["access_token"]) == 401
    assert app.refreshes(pair["refresh_token"], resource=REST)[1]["error"] == "invalid_target"


def test_a_refresh_token_gives_the_next_pair(app: App, browser: Client, ana: Person) -> None:
    first = connected(app, browser, ana)
    status, second = app.refreshes(first["refresh_token"])
    assert status == 200 and app.calls(second["access_token"]) == 200
    assert app.calls(first["access_token"]) == 200  # requests in flight


def test_three_refreshes_at_once_all_succeed(app: App, browser: Client, ana: Person) -> None:
    first = connected(app, browser, ana)

    def refresh(_: int) -> tuple[int, dict[str, Any]]:
        try:
            return App(app.client_id).refreshes(first["refresh_token"])
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(refresh, range(3)))
    assert [status for status, _ in answers] == [200, 200, 200]
    assert {app.calls(pair["access_token"]) for _, pair in answers} == {200}
    assert {app.refreshes(pair["refresh_token"])[0] for _, pair in answers} == {200}


def test_a_replay_after_the_leeway_ends_that_family_and_no_other(
    app: App, browser: Client, ana: Person
) -> None:
    first, elsewhere = connected(app, browser, ana), connected(app, browser, ana)
    _, second = app.refreshes(first["refresh_token"])
    with vault_scope(ana.vault_id):
        used = GrantSlot.objects.filter(
            vault_id=ana.vault_id, kind="refresh", used_at__isnull=False
        )
        used.update(used_at=timezone.now() - lifetimes.LEEWAY - timedelta(seconds=1))
    assert app.refreshes(first["refresh_token"])[1]["error"] == "invalid_grant"
    assert app.calls(second["access_token"]) == 401
    assert app.refreshes(second["refresh_token"])[0] == 400
    assert app.calls(elsewhere["access_token"]) == 200
    assert app.refreshes(elsewhere["refresh_token"])[0] == 200


def test_another_client_cannot_use_or_end_a_token(app: App, browser: Client, ana: Person) -> None:
    pair, thief = connected(app, browser, ana), registered("Thief")
    assert thief.refreshes(pair["refresh_token"])[0] == 400
    assert thief.gives_back(pair["refresh_token"]) == 200
    assert app.refreshes(pair["refresh_token"])[0] == 200


def test_an_app_signs_out(app: App, browser: Client, ana: Person) -> None:
    pair, elsewhere = connected(app, browser, ana), connected(app, browser, ana)
    assert app.gives_back(pair["refresh_token"]) == 200
    assert (app.calls(pair["access_token"]), app.refreshes(pair["refresh_token"])[0]) == (401, 400)
    assert app.calls(elsewhere["access_token"]) == 200


def test_taken_back_it_is_out_at_once(app: App, browser: Client, ana: Person) -> None:
    pair = connected(app, browser, ana)
    grant = clients.known(ana.access, app.client_id)
    assert grant is not None
    grants.pause(ana.access, grant.id)
    assert app.calls(pair["access_token"]) == 401
    grants.resume(ana.access, grant.id, ana.owner_key)
    assert app.calls(pair["access_token"]) == 200
    grants.revoke(ana.access, grant.id)
    assert (app.calls(pair["access_token"]), app.refreshes(pair["refresh_token"])[0]) == (401, 400)


def test_a_login_that_is_switched_off_shuts_its_apps_out(app: App) -> None:
    cat = new_person()
    pair = connected(app, signed_in(cat), cat)
    cat.user.is_active = False
    cat.user.save()
    assert (app.calls(pair["access_token"]), app.refreshes(pair["refresh_token"])[0]) == (401, 400)


def test_the_database_holds_no_code_and_no_token(app: App, browser: Client, ana: Person) -> None:
    given = allow(browser, ana, app.asks(), Work=ADDS)
    unused = allow(browser, ana, app.asks(), Work=ADDS)["code"]
    pair = app.exchanges(given["code"])[1]
    secrets = (given["code"], unused, pair["access_token"], pair["refresh_token"])
    with vault_scope(ana.vault_id), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')
            dump = "".join(row for (row,) in cursor.fetchall())
            assert not [secret for secret in secrets if secret in dump], table


def test_one_grant_serves_all_installations(app: App, browser: Client, ana: Person) -> None:
    connected(app, browser, ana)
    first = clients.known(ana.access, app.client_id)
    allow(browser, ana, app.asks(), Work=ADDS, Travel=SEES)
    second = clients.known(ana.access, app.client_id)
    assert first and second and first.id == second.id
    assert second.rights[ana.collection("Travel")] == SEES


def test_ended_tokens_are_swept(app: App, browser: Client, ana: Person) -> None:
    connected(app, browser, ana)
    with vault_scope(ana.vault_id):
        mine = GrantSlot.objects.filter(vault_id=ana.vault_id)
        kinds = set(mine.values_list("kind", flat=True))
        mine.update(expires_at=timezone.now())
    assert kinds == {"code", "access", "refresh"}
    tasks.close_stale_slots()
    with vault_scope(ana.vault_id):
        assert not mine.count()


def test_the_metadata_name_what_is_there(app: App) -> None:
    said = Client().get("/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == "http://testserver"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert said["response_types_supported"] == ["code"]
    assert "none" in said["token_endpoint_auth_methods_supported"]
    assert said["client_id_metadata_document_supported"]
    assert said["authorization_response_iss_parameter_supported"]
    assert "introspection_endpoint" not in said
    for path, resource in (("/mcp", MCP), ("/api/v1", REST)):
        here = Client().get("/.well-known/oauth-protected-resource" + path).json()
        assert here["resource"] == resource
        assert here["authorization_servers"] == ["http://testserver"]
        assert "offline_access" not in here["scopes_supported"]
    assert BACK.startswith(app.redirect)
