"""Who is let in: a token that works, or the open session of the owner; nobody else."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.api.people import SEE, WRITE, App, Owner
from tests.people import PASSWORD
from vault import vaults
from vault.granting import tokens
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.models import Grant, GrantSlot
from vault.scope import vault_scope

REFUSAL = {
    "type": "urn:satchel:problem:locked",
    "title": "Not signed in",
    "status": 401,
    "detail": "This token does not work. It may have expired or been revoked.",
}


def refused(answer: Any) -> bool:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    return bool(answer.json() == REFUSAL)


def test_a_revoked_token_fails_at_the_next_call(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    assert app.get("me").status_code == 200
    assert app.post("context", {"query": "peanuts"}).status_code == 200
    ada.revokes(app)
    for method, path in (("GET", "me"), ("POST", "context"), ("POST", "memories")):
        assert refused(app.call(method, path, {} if method == "POST" else None))


def test_an_expired_token_fails_at_the_next_call(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    assert app.get("me").status_code == 200
    past = timezone.now() - timedelta(seconds=1)
    with vault_scope(ada.access.vault_id):
        mine = {"vault_id": ada.access.vault_id}
        Grant.objects.filter(**mine, id=app.grant.id).update(expires_at=past)
    assert refused(app.get("me"))
    with vault_scope(ada.access.vault_id):
        Grant.objects.filter(**mine, id=app.grant.id).update(expires_at=None)
        GrantSlot.objects.filter(**mine, grant_id=app.grant.id).update(expires_at=past)
    assert refused(app.get("me"))


def test_all_tokens_that_do_not_work_get_one_answer(ada: Owner) -> None:
    app = ada.grants({"Personal": SEE})
    stranger = Owner()
    wrong = [
        "",
        "nonsense",
        "satchel_",
        "satchel_" + "A" * 64,
        "satchel_" + "A" * 63 + "!",
        "satchel_" + "\u00e9" * 64,
        tokens.new(ada.access.vault_id),
        tokens.new(stranger.access.vault_id),
        app.token[:-1] + ("A" if app.token[-1] != "A" else "B"),
        app.token + "A",
        app.token.removeprefix("satchel_"),
        app.token.upper(),
        app.token[:20] + " " + app.token[20:],
        "x" * 100_000,
    ]
    for token in wrong:
        assert refused(App(token, app.grant).get("me")), token[:80]


def test_a_token_counts_in_the_header_alone(ada: Owner, app: App) -> None:
    client = Client()
    for path in (
        f"/api/v1/me?access_token={app.token}",
        f"/api/v1/me?token={app.token}",
        f"/api/v1/memories?access_token={app.token}",
    ):
        assert client.get(path).status_code == 401
    client.cookies["token"] = app.token
    assert client.get("/api/v1/me").status_code == 401
    body = {"query": "x", "access_token": app.token}
    assert client.post("/api/v1/search", body, "application/json").status_code == 401


def test_no_token_is_a_401_that_says_what_to_send() -> None:
    answer = Client().get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "token" in answer.json()["detail"]
    basic = Client().get("/api/v1/me", headers={"Authorization": "Basic YTpi"})
    assert basic.status_code == 401


def browser(owner: Owner) -> Client:
    """The owner's browser with the vault open."""
    user = owner.person.user
    words = {"owner_id": user.pk, "password": PASSWORD, "password_hash": user.password}
    opened = vaults.unlock(**words)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    session = client.session
    session[VAULT_KEY], session[SESSION_KEY] = str(opened.vault_id), str(opened.session_id)
    session.save()
    client.cookies[KEY_COOKIE] = opened.secret
    return client


def test_the_owner_is_let_in_by_their_session(ada: Owner) -> None:
    answer = browser(ada).get("/api/v1/me")
    assert answer.status_code == 200, answer.content
    assert answer.json()["grantee"]["kind"] == "owner"
    assert answer.json()["expires_at"] is None
    assert {c["name"] for c in answer.json()["collections"]} == set(ada.collections)


def test_the_session_writes_with_a_csrf_token_only(ada: Owner) -> None:
    client = browser(ada)
    body = {"text": "She owns a telescope.", "collection_id": str(ada.collections["Personal"])}
    refusal = client.post("/api/v1/memories", body, "application/json")
    assert refusal.status_code == 403
    assert refusal.headers["Content-Type"] == "application/problem+json"
    secret = "c" * 32
    from django.conf import settings

    client.cookies[settings.CSRF_COOKIE_NAME] = secret
    headers = {"X-CSRFToken": secret}
    done = client.post("/api/v1/memories", body, "application/json", headers=headers)
    assert done.status_code == 201, done.content
    assert done.json()["confirmed"] is True
    assert done.json()["sources"][0]["vendor"] == "you"


def test_a_locked_vault_is_a_401_that_says_so(ada: Owner) -> None:
    client = browser(ada)
    client.cookies.pop(KEY_COOKIE)
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert "locked" in answer.json()["detail"]


def test_a_wrong_token_does_not_fall_back_to_the_session(ada: Owner) -> None:
    client = browser(ada)
    headers = {"Authorization": f"Bearer {tokens.new(ada.access.vault_id)}"}
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_no_token_is_ever_logged(ada: Owner, caplog: pytest.LogCaptureFixture) -> None:
    app = ada.grants({"Personal": SEE})
    wrong = tokens.new(ada.access.vault_id)
    with caplog.at_level(logging.DEBUG):
        app.get("me")
        App(wrong, app.grant).get("me")
    text = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert app.token[8:] not in text
    assert wrong[8:] not in text
