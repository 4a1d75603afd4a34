"""OAuth tokens at REST: each does what its scopes say, and is told what to ask for."""

from typing import Any

import pytest

from tests.api.oauth.apps import BASE, REST, allow, registered
from tests.api.people import WRITE, App, Owner
from tests.people import signed_in

METADATA = f'resource_metadata="{BASE}/.well-known/oauth-protected-resource/api/v1"'


@pytest.fixture(scope="module")
def owner(database: None) -> Owner:
    owner = Owner()
    owner.remembers("She is allergic to peanuts.")
    return owner


def with_scopes(owner: Owner, scope: str) -> App:
    app = registered()
    given = allow(signed_in(owner.person), owner.person, app.asks(scope=scope), Personal=WRITE)
    status, pair = app.exchanges(given["code"])
    assert status == 200, pair
    return App(pair["access_token"], owner.grants({"Personal": WRITE}).grant)


def challenge_of(answer: Any) -> str:
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:satchel:problem:insufficient-scope"
    return str(answer.headers["WWW-Authenticate"])


def test_without_memory_read_nothing_is_read(owner: Owner) -> None:
    app = with_scopes(owner, "memory.write")
    memory_id = "00000000-0000-7000-8000-000000000000"
    reading = ["memories", f"memories/{memory_id}", f"memories/{memory_id}/history", "changes"]
    answers = [app.get(path) for path in reading]
    answers += [app.post("search", {"query": "peanuts"}), app.post("context", {})]
    for answer in answers:
        said = challenge_of(answer)
        assert said.startswith('Bearer realm="satchel", ' + METADATA)
        assert 'scope="memory.read memory.write"' in said, "what it has stays in what it asks for"
        assert 'error="insufficient_scope"' in said
        assert "peanuts" not in answer.content.decode()
    # It may add, and not see: the answer tells of nothing that is there.
    assert app.post("memories", {"text": "She is allergic to peanuts."}).status_code == 202


def test_without_memory_write_nothing_is_changed(owner: Owner) -> None:
    app = with_scopes(owner, "memory.read")
    memory_id = app.get("memories").json()["memories"][0]["id"]
    for answer in (
        app.post("memories", {"text": "New."}),
        app.patch(f"memories/{memory_id}", {"text": "Changed."}),
        app.delete(f"memories/{memory_id}"),
    ):
        assert "memory.write" in challenge_of(answer)
    assert app.get(f"memories/{memory_id}").json()["text"] == "She is allergic to peanuts."


def test_to_suggest_is_not_to_write(owner: Owner) -> None:
    app = with_scopes(owner, "memory.read memory.suggest")
    answer = app.post("memories", {"text": "She has a new hat."})
    assert answer.status_code == 202
    assert [one["id"] for one in app.get("suggestions").json()["suggestions"]] == [
        answer.json()["id"]
    ]


def test_me_tells_the_scopes(owner: Owner) -> None:
    app = with_scopes(owner, "memory.read memory.suggest")
    me = app.get("me").json()
    assert me["scopes"] == ["memory.read", "memory.suggest"]
    assert me["expires_at"]
    assert me["collections"][0]["add"] == "ask"
    assert owner.grants({"Personal": WRITE}).get("me").json()["scopes"] is None


def test_no_token_and_a_wrong_one_are_told_where_to_ask(owner: Owner) -> None:
    app = with_scopes(owner, "memory.read")
    for headers, error in (({"Authorization": ""}, False), ({"Authorization": "Bearer x"}, True)):
        answer = app.get("me", **headers)
        assert answer.status_code == 401
        said = answer.headers["WWW-Authenticate"]
        assert METADATA in said
        assert 'scope="memory.read"' in said
        assert ('error="invalid_token"' in said) is error
    metadata = app.client.get("/.well-known/oauth-protected-resource/api/v1").json()
    assert metadata["resource"] == REST
