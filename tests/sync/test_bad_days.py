"""What goes wrong with a remote, a grant or a worker: a stated state, nothing lost or doubled."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections as databases
from django.utils import timezone

from connectors.base.errors import BadResponse, Misconfigured, RateLimited, Rejected, Unavailable
from connectors.base.types import Entry, Item, Page, Room
from sync.connections import connections, runs, scheduling
from sync.models import Connection as Row
from tests.people import Person, new_person
from tests.sync.remotes import Place, Shelf, connected, nowhere, run, shelves
from vault import memories
from vault.errors import Locked
from vault.granting import connecting, grants
from vault.keys import rotation
from vault.scope import vault_scope
from vault.text import LONGEST
from vault.types import Draft


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def place() -> Iterator[Place]:
    with shelves("A") as found:
        yield found["A"]


def remember(person: Person, *texts: str) -> None:
    for text in texts:
        memories.remember(person.access, person.collection("Personal"), Draft(text))


def row(person: Person) -> Row:
    with vault_scope(person.vault_id):
        return Row.objects.get(vault_id=person.vault_id)


def texts(person: Person) -> list[str]:
    return sorted(one.text for one in memories.listing(person.access, limit=100).memories)


class Died(BaseException):
    """As if the process were killed: nothing catches it."""


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_dies_around_a_create_leaves_nothing_twice(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    remember(ana, "One.", "Two.", "Three.")
    a = connected(ana, "A")
    create, made = Shelf.create, []

    def dying(self: Shelf, item: Item, key: str) -> Entry:
        if len(made) == 1 and before:
            raise Died
        made.append(create(self, item, key))
        if len(made) == 2:
            raise Died
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "create", dying)
        with pytest.raises(Died):
            run(ana, a)
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None  # its lease is still held
    silence(ana)
    assert run(ana, a).outcome == "done"
    assert place.texts() == ["One.", "Three.", "Two."] == texts(ana)
    assert run(ana, a).counts == {}


def silence(person: Person) -> None:
    """The worker was dead for long enough to be given up."""
    with vault_scope(person.vault_id):
        mine = Row.objects.filter(vault_id=person.vault_id)
        mine.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_listing_that_breaks_off_is_no_deletion(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, *(f"Memory {n}." for n in range(4)))
    a = connected(ana, "A")
    run(ana, a)

    def breaks_off(self: Shelf, cursor: str | None = None) -> Iterator[Page]:
        yield Page([self._entry(name) for name in list(place.entries)[:2]])
        raise Unavailable("It broke off.")

    monkeypatch.setattr(Shelf, "pages", breaks_off)
    assert run(ana, a).outcome == "unavailable"
    assert len(texts(ana)) == 4 == len(place.entries)


def test_revoked_in_mid_run_nothing_more_is_sent(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "One.", "Two.", "Three.")
    a = connected(ana, "A")
    create = Shelf.create

    def then_revoked(self: Shelf, item: Item, key: str) -> Entry:
        made = create(self, item, key)
        grants.revoke(ana.access, a.grant.id)
        return made

    monkeypatch.setattr(Shelf, "create", then_revoked)
    assert run(ana, a).outcome == "stopped"
    assert len(place.entries) == 1
    scheduling.start_due()
    run(ana, a)
    assert place.entries == {} and row(ana).state == "gone"


def test_two_workers_do_not_run_it_at_once(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    entered, go_on = threading.Event(), threading.Event()
    create = Shelf.create

    def slowly(self: Shelf, item: Item, key: str) -> Entry:
        entered.set()
        assert go_on.wait(20)
        return create(self, item, key)

    monkeypatch.setattr(Shelf, "create", slowly)

    def first() -> None:
        run(ana, a)
        databases.close_all()

    worker = threading.Thread(target=first)
    worker.start()
    assert entered.wait(20)
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
    go_on.set()
    worker.join()
    assert place.texts() == ["One."]


def test_an_item_that_is_refused_is_told_and_the_others_go_on(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "One.", "Refuse me.", "Three.", "x" * 200)
    a = connected(ana, "A")
    create = Shelf.create

    def refusing(self: Shelf, item: Item, key: str) -> Entry:
        if "Refuse" in item.text:
            raise Rejected("Shelf does not take this.")
        return create(self, item, key)

    monkeypatch.setattr(Shelf, "create", refusing)
    monkeypatch.setattr(Shelf, "room", Room(text=100))
    told = run(ana, a)
    assert told.outcome == "done" and told.counts == {"sent": 2, "skipped": 2}
    why = sorted(one["why"] for one in told.skipped)
    assert why == ["Longer than the 100 characters that Shelf takes.", "Shelf does not take this."]
    assert all(one["memory"] for one in told.skipped)


def test_an_entry_that_is_too_long_for_a_memory_is_left_there(ana: Person, place: Place) -> None:
    place.put("y" * (LONGEST + 1))
    a = connected(ana, "A")
    assert run(ana, a).counts == {"skipped": 1}
    assert texts(ana) == [] and len(place.entries) == 1


@pytest.mark.parametrize(
    ("error", "outcome", "least"),
    [
        (RateLimited("Slowly.", 600), "rate limited", 600),
        (BadResponse("Nonsense."), "bad response", 50),
        (ValueError("ours"), "bad response", 50),
        (RuntimeError("a secret"), "failed", 50),
    ],
)
def test_every_error_waits_and_is_tried_again(
    ana: Person, place: Place, error: Exception, outcome: str, least: float
) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    place.error = error
    assert run(ana, a).outcome == outcome
    after = row(ana)
    assert after.state == "failing" and after.next_at is not None
    assert after.next_at > timezone.now() + timedelta(seconds=least)
    assert "secret" not in after.said
    place.error = None
    assert run(ana, a).outcome == "done"
    after = row(ana)
    assert (after.state, after.said, after.failures) == ("active", "", 0)
    assert place.texts() == ["One."]


def test_a_wrong_setting_asks_its_owner(ana: Person, place: Place) -> None:
    a = connected(ana, "A")
    place.error = Misconfigured("There is no such place.", "place")
    run(ana, a)
    assert row(ana).state == "needs sign-in" and row(ana).next_at is None
    place.error = None
    account = connections.try_out("shelf", {"place": "A"}, nowhere)
    connections.reconnect(ana.access, ana.owner_key, a.id, {"place": "A"}, account)
    assert row(ana).state == "active"
    assert run(ana, a).outcome == "done"


def test_a_paused_one_does_not_run_and_goes_on_with_the_password(ana: Person, place: Place) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    connections.pause(ana.access, a.id)
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
    assert place.entries == {}
    connections.resume(ana.access, a.id, ana.owner_key)
    run(ana, a)
    assert place.texts() == ["One."]


def test_a_collection_with_a_new_key_is_kept_in_step(ana: Person, place: Place) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    run(ana, a)
    rotation.rotate(ana.access, ana.owner_key, ana.collection("Personal"))
    remember(ana, "Two.")
    place.put("Three.")
    run(ana, a)
    assert place.texts() == ["One.", "Three.", "Two."] == texts(ana)


def test_only_its_owner_starts_one_that_the_server_holds_no_key_of(
    ana: Person, place: Place
) -> None:
    remember(ana, "One.")
    a = connected(ana, "A", background=False)
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
    with pytest.raises(Exception, match="password"):
        connections.run_now(ana.access, a.id)
    left: list[tuple[str, ...]] = []

    class Outbox:
        @staticmethod
        def leave(task: object, *words: str) -> bool:
            left.append(words)
            return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "outbox", Outbox)
        connections.run_now(ana.access, a.id, ana.owner_key)
    _, _, token, kind, _ = left[0]
    assert runs.run(ana.vault_id, a.id, "x" * 44, kind, transport=nowhere) is None
    record = runs.run(ana.vault_id, a.id, token, kind, transport=nowhere)
    assert record is not None and record.outcome == "done" and place.texts() == ["One."]
    assert runs.run(ana.vault_id, a.id, token, kind, transport=nowhere) is None, "it is used up"


def test_the_server_forgets_its_key_for_good(ana: Person, place: Place) -> None:
    a = connected(ana, "A")
    run(ana, a)
    slot = row(ana).server_slot
    settings = connections.Settings(into_id=ana.collection("Personal"), background=False)
    connections.change(ana.access, a.id, settings)
    with vault_scope(ana.vault_id):  # as from an older copy of the database
        Row.objects.filter(vault_id=ana.vault_id).update(server_slot=slot)
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
    with pytest.raises(Locked):
        connecting.by_server(ana.vault_id, a.id, slot or b"")
    after = row(ana)
    assert after.state == "needs sign-in" and "Sign in again" in after.said
    account = connections.try_out("shelf", {"place": "A"}, nowhere)
    connections.reconnect(ana.access, ana.owner_key, a.id, {"place": "A"}, account)
    assert run(ana, a).outcome == "done"


def test_a_call_that_takes_longer_than_the_lease_keeps_it(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    monkeypatch.setattr("sync.leases.LASTS", timedelta(seconds=1))
    create = Shelf.create

    def slowly(self: Shelf, item: Item, key: str) -> Entry:
        time.sleep(2)
        assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
        return create(self, item, key)

    monkeypatch.setattr(Shelf, "create", slowly)
    assert run(ana, a).outcome == "done" and place.texts() == ["One."]


def test_one_vaults_connection_is_not_anothers(ana: Person, place: Place) -> None:
    ben = new_person()
    a = connected(ana, "A")
    for verb in (connections.get, connections.pause, connections.run_now):
        with pytest.raises(Exception, match="no such connection"):
            verb(ben.access, a.id)
    assert connections.listing(ben.access) == []


def test_runs_are_recorded(ana: Person, place: Place) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    run(ana, a)
    place.error = Unavailable("It is down.")
    run(ana, a)
    newest = runs.newest(ana.vault_id, a.id)
    assert [(one.kind, one.outcome, one.said) for one in newest] == [
        ("sync", "unavailable", "It is down."),
        ("sync", "done", ""),
    ]
    assert all(one.finished_at for one in newest)
