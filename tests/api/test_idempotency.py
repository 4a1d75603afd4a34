"""A write with an Idempotency-Key happens once, however often and however fast it is sent."""

import threading
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from api.models import IdempotencyKey
from tests.api.people import DROP, WRITE, App, Owner
from vault.reviewing import suggestions
from vault.scope import vault_scope


def test_the_same_request_again_gets_the_same_answer(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    body = {"text": "She bought a red kite.", "kind": "event"}
    first = app.post("memories", body, Idempotency_Key="abc")
    again = app.post("memories", dict(reversed(body.items())), Idempotency_Key="abc")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["ETag"] == again.headers["ETag"]
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Idempotent-Replayed"] == "false"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(first.json()["sources"]) == 1


def test_the_same_key_with_other_words_is_refused(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    assert app.post("memories", {"text": "First."}, Idempotency_Key="k").status_code == 201
    other = app.post("memories", {"text": "Second."}, Idempotency_Key="k")
    assert other.status_code == 422
    assert other.json()["type"] == "urn:satchel:problem:key-reused"


def test_a_key_belongs_to_its_grant(ada: Owner) -> None:
    one, other = ada.grants({"Personal": WRITE}), ada.grants({"Personal": WRITE})
    one.post("memories", {"text": "From one."}, Idempotency_Key="k")
    assert other.post("memories", {"text": "From other."}, Idempotency_Key="k").status_code == 201


def test_a_failed_write_leaves_the_key_free(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE, "Work": WRITE})
    assert app.post("memories", {"text": "Where?"}, Idempotency_Key="k").status_code == 400
    body = {"text": "Where?", "collection_id": str(ada.collections["Work"])}
    assert app.post("memories", body, Idempotency_Key="k").status_code == 201


def test_a_suggestion_is_made_once(ada: Owner) -> None:
    owner = Owner()
    app = owner.grants({"Personal": DROP})
    answers = [app.post("memories", {"text": "Suggested."}, Idempotency_Key="k") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert suggestions.count(owner.access) == 1


def test_duplicates_at_the_same_moment_write_once() -> None:
    owner = Owner()
    app = owner.grants({"Personal": DROP})
    start, answers = threading.Barrier(6), []

    def send() -> None:
        start.wait()
        caller = App(app.token, app.grant)
        answers.append(caller.post("memories", {"text": "At once."}, Idempotency_Key="k"))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(a.headers["Idempotent-Replayed"] for a in answers) == ["false"] + ["true"] * 5
    assert suggestions.count(owner.access) == 1


def test_after_a_day_the_key_is_free_and_its_row_gone() -> None:
    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    app.post("memories", {"text": "Yesterday's."}, Idempotency_Key="k")
    mine = IdempotencyKey.objects.filter(vault_id=owner.access.vault_id)
    with vault_scope(owner.access.vault_id):
        mine.update(created_at=timezone.now() - timedelta(hours=25))
    assert app.post("memories", {"text": "Today's."}, Idempotency_Key="k").status_code == 201
    with vault_scope(owner.access.vault_id):
        assert mine.count() == 1


def test_neither_key_nor_words_are_stored() -> None:
    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    app.post("memories", {"text": "canary words"}, Idempotency_Key="canary-key")
    with vault_scope(owner.access.vault_id):
        row = IdempotencyKey.objects.get(vault_id=owner.access.vault_id)
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for value in (getattr(row, field.attname) for field in row._meta.concrete_fields)
    )
    assert b"canary" not in stored
    import hashlib

    for guess in (b"canary-key", b'{"text":"canary words"}', b"canary words"):
        assert hashlib.sha256(guess).digest() not in stored


def test_a_key_that_is_none(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    for key in ("", " ", "a b", "x" * 256, "caf\u00e9"):
        answer = app.post("memories", {"text": "Whatever."}, Idempotency_Key=key)
        assert answer.status_code == 400, key
        assert list(answer.json()["errors"]) == ["Idempotency-Key"]
