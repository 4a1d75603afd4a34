"""Two people, the same calls: whatever one's token names of the other's is not there."""

from typing import Any
from uuid import UUID

import pytest

from tests.api.people import WRITE, App, Owner

Call = tuple[str, str, Any]


@pytest.fixture(scope="module")
def two(database: None) -> tuple[Owner, Owner]:
    return Owner(), Owner()


def calls(memory: UUID, collection: UUID) -> list[Call]:
    """Every call of the API that can name something: a memory in the path, a collection inside."""
    name = str(collection)
    return [
        ("GET", f"memories/{memory}", None),
        ("GET", f"memories/{memory}/history", None),
        ("PATCH", f"memories/{memory}", {"text": "Replaced by a stranger."}),
        ("DELETE", f"memories/{memory}", None),
        ("GET", f"memories?collections={name}", None),
        ("POST", "search", {"query": "secret", "collections": [name]}),
        ("POST", "context", {"query": "secret", "collections": [name]}),
        ("POST", "memories", {"text": "Planted.", "collection_id": name}),
    ]


def test_ids_of_another_person_do_not_exist(two: tuple[Owner, Owner]) -> None:
    one, other = two
    apps = [owner.grants(dict.fromkeys(owner.collections, WRITE)) for owner in two]
    theirs = [
        owner.remembers(f"The secret of person {n} is a canary.", "Health")
        for n, owner in enumerate(two)
    ]
    for app, owner, memory in ((apps[0], other, theirs[1]), (apps[1], one, theirs[0])):
        for call in calls(memory.id, owner.collections["Health"]):
            answer = app.call(*call)
            assert answer.status_code == 404, call
            assert "canary" not in answer.content.decode(), call
    for app, memory, words in ((apps[0], theirs[0], "person 0"), (apps[1], theirs[1], "person 1")):
        assert [text for text in app.finds("secret canary") if "canary" in text] == [memory.text]
        assert words in app.get(f"memories/{memory.id}").json()["text"]


def test_the_replay_itself_works_on_ones_own(two: tuple[Owner, Owner]) -> None:
    """Else the 404s above would prove nothing."""
    one, _ = two
    app = one.grants({"Health": WRITE})
    memory = one.remembers("A secret to be replaced.", "Health")
    own: list[Call] = calls(memory.id, one.collections["Health"])
    statuses = [app.call(*call).status_code for call in own]
    assert statuses == [200, 200, 200, 204, 200, 200, 200, 201]


def test_a_token_for_one_vault_with_the_id_of_another(two: tuple[Owner, Owner]) -> None:
    """The vault's id stands in the token; exchanging it opens nothing."""
    import base64

    one, other = two
    app = one.grants({"Personal": WRITE})
    raw = base64.urlsafe_b64decode(app.token.removeprefix("satchel_"))
    forged = base64.urlsafe_b64encode(other.access.vault_id.bytes + raw[16:]).decode()
    assert App(f"satchel_{forged}", app.grant).get("me").status_code == 401


def test_one_idempotency_key_in_two_vaults(two: tuple[Owner, Owner]) -> None:
    apps = [owner.grants({"Personal": WRITE}) for owner in two]
    for app in apps:
        answer = app.post("memories", {"text": "Equal words."}, Idempotency_Key="same-key")
        assert answer.status_code == 201
        assert answer.headers["Idempotent-Replayed"] == "false"
