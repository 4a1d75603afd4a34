"""Notices of vendors: whom they wake, how often, and that they tell nobody anything."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hmac import digest
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api import notices as door
from api import throttles
from config.logs import scrub
from connectors.base.types import Account
from sync import outbox
from sync.connections import connections, notices
from sync.connections.connections import Connection, Settings
from sync.errors import NotNow
from sync.models import Connection as Row
from sync.models import Run
from tests.people import Person, new_person
from vault.errors import NotFound
from vault.granting import tokens
from vault.ids import new_id
from vault.scope import vault_scope
from vault.types import Right

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ZEP = {"api_key": "z_1", "graph_uuid": "g-1", "notice_secret": SECRET}
MEM0 = {"api_key": "m_1", "user_id": "ana"}
NEWS = {"event_name": "episode.processed", "project_uuid": "p-1", "episode_uuid": "e"}
CHANGE = json.dumps({"event_details": {"event": "ADD", "id": "m-1"}}).encode()
LATER = timedelta(hours=1)


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture(autouse=True)
def left(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Messages that were left for the worker, each with the seconds it waits."""
    found: list[tuple[Any, ...]] = []

    def leave(task: Any, *args: Any, wait: float = 0.0) -> bool:
        found.append((UUID(args[1]), round(wait)))
        return True

    monkeypatch.setattr(outbox, "leave", leave)
    return found


def connected(
    person: Person, slug: str, options: dict[str, Any], *, background: bool = True
) -> Connection:
    """One that is not due for an hour."""
    home = person.collection("Personal")
    made = connections.add(
        person.access,
        person.owner_key,
        slug,
        options,
        name=slug,
        rights={home: Right(see=True, add="yes")},
        settings=Settings(into_id=home, background=background),
        account=Account(str(new_id()), "ana"),
    )
    change(person, made.id, next_at=timezone.now() + LATER)
    return made


def change(person: Person, id: UUID, **fields: Any) -> None:
    with vault_scope(person.vault_id):
        Row.objects.filter(vault_id=person.vault_id, id=id).update(**fields)


def row(person: Person, id: UUID) -> Row:
    with vault_scope(person.vault_id):
        return Row.objects.get(vault_id=person.vault_id, id=id)


def is_due(person: Person, id: UUID) -> bool:
    next_at = row(person, id).next_at
    return next_at is not None and next_at <= timezone.now()


def began(person: Person, id: UUID, ago: timedelta) -> None:
    with vault_scope(person.vault_id):
        at = timezone.now() - ago
        kept = {"vault_id": person.vault_id, "connection_id": id}
        Run.objects.create(**kept, id=new_id(), started_at=at)


def signed(
    notice: Any = NEWS, secret: str = SECRET, ago: timedelta = timedelta(0)
) -> tuple[bytes, dict[str, str]]:
    """Body and headers as Svix, which Zep sends by, documents them."""
    body, stamp = json.dumps(notice).encode(), str(int((datetime.now(UTC) - ago).timestamp()))
    key = b64decode(secret.removeprefix("whsec_"))
    signature = b64encode(digest(key, f"msg_1.{stamp}.".encode() + body, "sha256")).decode()
    said = {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": f"v1,{signature}"}
    return body, said


def call(
    token: str, body: bytes, headers: dict[str, str] | None = None, method: str = "POST"
) -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.generic(method, f"/hooks/{token}", body, "application/json", headers=headers)


def test_a_signed_notice_makes_it_run_at_once(ana: Person, left: list[Any]) -> None:
    zep = connected(ana, "zep", ZEP)
    answer = call(notices.switch_on(ana.access, zep.id), *signed())
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_due(ana, zep.id) and left == [(zep.id, 0)]
    assert not answer.cookies


def test_an_unsigned_one_only_makes_it_look_again(ana: Person, left: list[Any]) -> None:
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    assert call(token, b'{"event_details": {"event": "SEARCH"}}').status_code == 204
    assert not is_due(ana, mem0.id)
    assert call(token, CHANGE).status_code == 204
    assert is_due(ana, mem0.id) and left == [(mem0.id, 0)]


@pytest.mark.parametrize(
    "sent",
    [
        lambda: signed(secret="whsec_" + b64encode(b"another secret of 24 byte").decode()),
        lambda: signed(ago=timedelta(minutes=6)),
        lambda: signed(ago=-timedelta(minutes=6)),
        lambda: signed({"event_name": "byom.rate_limited"}),
        lambda: (b"{}", signed()[1]),
        lambda: (signed()[0], {}),
        lambda: (b"\xff\x00[" * 100, signed()[1]),
    ],
    ids=["secret", "replay", "early", "other event", "other body", "unsigned", "noise"],
)
def test_what_is_not_genuine_does_nothing_and_is_answered_alike(
    ana: Person, left: list[Any], sent: Callable[[], tuple[bytes, dict[str, str]]]
) -> None:
    zep = connected(ana, "zep", ZEP)
    answer = call(notices.switch_on(ana.access, zep.id), *sent())
    assert (answer.status_code, answer.content) == (204, b"")
    assert not is_due(ana, zep.id) and left == []


def test_a_connection_without_the_secret_hears_nothing(ana: Person, left: list[Any]) -> None:
    zep = connected(ana, "zep", {**ZEP, "notice_secret": ""})
    assert call(notices.switch_on(ana.access, zep.id), *signed()).status_code == 204
    assert left == []


def test_unknown_addresses_are_all_answered_alike(ana: Person, left: list[Any]) -> None:
    mem0 = connected(ana, "mem0", MEM0)
    old = notices.switch_on(ana.access, mem0.id)
    token = notices.switch_on(ana.access, mem0.id)
    api_token = ana.token(Personal=Right(see=True))[1]
    stranger = new_person()
    other = connected(stranger, "mem0", MEM0)
    theirs = notices.switch_on(stranger.access, other.id)
    raw = b64decode(token.removeprefix(tokens.PREFIX), altchars=b"-_")
    moved = tokens.PREFIX + b64encode(stranger.vault_id.bytes + raw[16:], altchars=b"-_").decode()
    for unknown in (old, tokens.new(ana.vault_id), api_token, moved, "x", "satchel_", token[:-1]):
        answer = call(unknown, CHANGE)
        assert (answer.status_code, answer.content) == (404, b""), unknown
    assert call(token, b"", method="GET").status_code == 404
    assert left == [] and not is_due(ana, mem0.id) and not is_due(stranger, other.id)
    call(theirs, CHANGE)
    assert left == [(other.id, 0)] and not is_due(ana, mem0.id), "each wakes its own"


def test_an_address_is_not_kept_and_ends(ana: Person, left: list[Any]) -> None:
    mem0 = connected(ana, "mem0", MEM0)
    assert not connections.get(ana.access, mem0.id).notices
    token = notices.switch_on(ana.access, mem0.id)
    assert connections.get(ana.access, mem0.id).notices
    raw = b64decode(token.removeprefix(tokens.PREFIX), altchars=b"-_")
    mark = bytes(row(ana, mem0.id).notice_mark or b"")
    assert len(mark) == 32 and mark not in raw
    assert token not in scrub(f"Not Found: /hooks/{token}"), "it gets into no log"
    notices.switch_off(ana.access, mem0.id)
    assert not connections.get(ana.access, mem0.id).notices
    assert call(token, CHANGE).status_code == 404 and left == []


def test_one_that_does_not_run_by_itself_ignores_notices(ana: Person, left: list[Any]) -> None:
    by_hand = connected(ana, "zep", ZEP, background=False)
    with pytest.raises(NotNow, match="while you are away"):
        notices.switch_on(ana.access, by_hand.id)
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    change(ana, mem0.id, server_slot=None)
    assert call(token, CHANGE).status_code == 204
    assert left == [] and not is_due(ana, mem0.id)


@pytest.mark.parametrize("state", ["paused", "needs sign-in", "failing", "blocked", "retracting"])
def test_in_other_states_it_stays_as_it_is(ana: Person, left: list[Any], state: str) -> None:
    """A failing one too: its vendor may have asked it to wait."""
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    change(ana, mem0.id, state=state)
    assert call(token, CHANGE).status_code == 204
    assert left == [] and not is_due(ana, mem0.id)


def test_only_vendors_that_send_notices_and_only_its_owner(ana: Person) -> None:
    silent = connected(ana, "memobase", {"api_key": "s_1", "user_id": "ana"})
    with pytest.raises(NotNow, match="sends no notices"):
        notices.switch_on(ana.access, silent.id)
    with pytest.raises(NotFound):
        notices.switch_on(new_person().access, silent.id)


def test_a_flood_leaves_one_message_and_writes_once(
    ana: Person, left: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PER_CONNECTION", 10)
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    call(token, CHANGE)
    with CaptureQueriesContext(
        database,
    ) as asked:
        statuses = {call(token, CHANGE).status_code for _ in range(30)}
    assert statuses == {204} and left == [(mem0.id, 0)]
    assert not [q for q in asked if q["sql"].startswith(("UPDATE", "INSERT"))]
    assert len([q for q in asked if "FOR UPDATE" in q["sql"]]) == 9, "the rest is not looked at"


def test_right_after_a_run_it_waits_and_then_runs_once(ana: Person, left: list[Any]) -> None:
    """What the notice tells of may have come after that run looked: it is not lost either."""
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    began(ana, mem0.id, timedelta(seconds=10))
    for _ in range(3):
        call(token, CHANGE)
    assert [id for id, _ in left] == [mem0.id] and 18 <= left[0][1] <= 20
    next_at = row(ana, mem0.id).next_at
    assert next_at and timedelta(seconds=17) < next_at - timezone.now() <= timedelta(seconds=20)


def test_a_notice_during_a_run_is_not_taken_for_the_one_that_began_it(
    ana: Person, left: list[Any]
) -> None:
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    change(ana, mem0.id, next_at=timezone.now() - timedelta(seconds=50))
    began(ana, mem0.id, timedelta(seconds=45))
    call(token, CHANGE)
    assert left == [(mem0.id, 0)] and is_due(ana, mem0.id)


def test_too_large_and_too_many(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    mem0 = connected(ana, "mem0", MEM0)
    token = notices.switch_on(ana.access, mem0.id)
    assert call(token, b" " * (door.LARGEST + 1)).status_code == 413
    assert call("x", b" " * (door.LARGEST + 1)).status_code == 413
    assert call(token, CHANGE + b" " * (door.LARGEST - len(CHANGE))).status_code == 204
    monkeypatch.setattr(throttles, "FAILURES_PER_ADDRESS", 3)
    assert [call("x", b"").status_code for _ in range(5)] == [404, 404, 404, 429, 429]
    assert call(token, CHANGE).status_code == 204, "one that works goes on working"
    monkeypatch.setattr(throttles, "PER_ADDRESS", 5)
    answer = call(token, CHANGE)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "60"
