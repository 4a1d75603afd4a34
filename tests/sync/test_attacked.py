"""Connections under attack: by who writes the database, by a vendor, and by time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from connectors.base.types import Entry, Item, Page
from sync.connections import connections, runs, scheduling
from sync.engine import bridge
from sync.models import Connection as Row
from sync.models import Link
from tests.people import Person, new_person
from tests.sync.remotes import SYNCED, Place, Shelf, connected, nowhere, run, shelves
from vault import memories
from vault.granting import grants
from vault.scope import vault_scope
from vault.types import Draft, Right


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def places() -> Iterator[dict[str, Place]]:
    with shelves("A", "B") as found:
        yield found


@pytest.fixture
def place(places: dict[str, Place]) -> Place:
    return places["A"]


def remember(person: Person, *texts: str, to: str = "Personal") -> list[Any]:
    home = person.collection(to)
    return [memories.remember(person.access, home, Draft(text)) for text in texts]


def texts(person: Person) -> list[str]:
    return sorted(one.text for one in memories.listing(person.access, limit=100).memories)


def row(person: Person) -> Row:
    with vault_scope(person.vault_id):
        return Row.objects.get(vault_id=person.vault_id)


def forge(person: Person, model: Any = Row, **fields: Any) -> None:
    with vault_scope(person.vault_id):
        model.objects.filter(vault_id=person.vault_id).update(**fields)


# Who writes the database


@pytest.mark.parametrize("fields", [{"memory_id": uuid4()}, {"by_us": True}])
def test_an_altered_link_deletes_nothing_there(
    ana: Person, place: Place, fields: dict[str, Any]
) -> None:
    place.put("Mine there.")
    a = connected(ana, "A")
    run(ana, a)
    forge(ana, Link, **fields)
    assert run(ana, a).outcome == "failed"
    connections.disconnect(ana.access, a.id, keep_there=False)
    run(ana, a)
    assert place.texts() == ["Mine there."]


def test_credentials_are_not_shown_to_another_connector(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = connected(ana, "A")
    seen: list[str] = []

    class Other(Shelf):
        slug = "other"

        def check(self) -> Any:
            seen.append(self.options.place)
            return super().check()

    forge(ana, connector="other")
    with monkeypatch.context() as patch:  # ends before `place` does, which patches the same
        patch.setattr(bridge, "connectors", lambda: {"shelf": Shelf, "other": Other})
        assert run(ana, a).outcome == "failed" and seen == []


def test_a_connection_hung_on_another_grant_does_not_run(ana: Person, place: Place) -> None:
    remember(ana, "One.")
    a, other = connected(ana, "A"), connected(ana, "B", {"Work": SYNCED}, into="Work")
    with vault_scope(ana.vault_id):
        Row.objects.filter(vault_id=ana.vault_id, id=a.id).update(grant_id=other.grant.id)
    assert run(ana, a).outcome != "done" and place.entries == {}


# What its grant may not see (any more)


def test_narrowed_to_what_is_confirmed_the_rest_is_taken_back(ana: Person, place: Place) -> None:
    remember(ana, "Mine.")
    app = ana.grantee(Personal=SYNCED)
    memories.remember(app, ana.collection("Personal"), Draft("Said by an app."))
    a = connected(ana, "A")
    run(ana, a)
    assert place.texts() == ["Mine.", "Said by an app."]
    grants.change(
        ana.access, a.grant.id, rights=a.grant.rights, confirmed_only=True, owner=ana.owner_key
    )
    assert run(ana, a).outcome == "done"
    assert place.texts() == ["Mine."]
    assert texts(ana) == ["Mine.", "Said by an app."]


@pytest.mark.parametrize("what", ["forgotten", "revised", "moved"])
def test_what_changed_while_a_run_goes_on_is_not_sent(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    made = remember(ana, "First.", "Second.")
    a = connected(ana, "A")
    create = Shelf.create

    def slow(self: Shelf, item: Item, key: str) -> Entry:
        entry = create(self, item, key)
        if len(place.entries) == 1:
            other = next(one for one in made if one.text != item.text)
            if what == "forgotten":
                memories.forget(ana.access, other.id)
            elif what == "revised":
                memories.revise(ana.access, other.id, text="Without the secret.")
            else:
                memories.move(ana.access, other.id, ana.collection("Work"))
        return entry

    monkeypatch.setattr(Shelf, "create", slow)
    run(ana, a)
    monkeypatch.undo()
    assert len(place.entries) == 1
    run(ana, a)
    first = next(iter(place.entries.values()))[0].text
    wanted = [first] + (["Without the secret."] if what == "revised" else [])
    assert place.texts() == sorted(wanted)


def test_an_edit_made_while_a_run_goes_on_is_kept(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("Theirs.", "m100")
    (made,) = remember(ana, "Ours.")
    a = connected(ana, "A")
    run(ana, a)
    name = next(n for n, (item, _, _) in place.entries.items() if item.text == "Ours.")
    place.put("Edited there.", name)
    pages = Shelf.pages

    def then_edited(self: Shelf, cursor: str | None = None) -> Iterator[Page]:
        yield from pages(self, cursor)

    from sync.engine import engine

    plan = engine.plan

    def edited(*args: Any, **more: Any) -> Any:
        found = plan(*args, **more)
        memories.revise(ana.access, made.id, text="Edited here.")
        return found

    monkeypatch.setattr(engine, "plan", edited)
    run(ana, a)
    assert "Edited here." in texts(ana)


def test_an_edit_made_while_a_run_goes_on_is_not_forgotten(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "Other.")
    (made,) = remember(ana, "Ours.")
    a = connected(ana, "A")
    run(ana, a)
    name = next(n for n, (item, _, _) in place.entries.items() if item.text == "Ours.")
    del place.entries[name]
    from sync.engine import engine

    plan = engine.plan

    def edited(*args: Any, **more: Any) -> Any:
        found = plan(*args, **more)
        memories.revise(ana.access, made.id, text="Edited here.")
        return found

    monkeypatch.setattr(engine, "plan", edited)
    run(ana, a)
    assert "Edited here." in texts(ana)


# Another account


def test_one_account_is_connected_once(ana: Person, place: Place) -> None:
    connected(ana, "A")
    with pytest.raises(Exception, match="connected already"):
        connected(ana, "A")
    b = connected(ana, "B")
    account = connections.try_out("shelf", {"place": "A"}, nowhere)
    with pytest.raises(Exception, match="connected already"):
        connections.reconnect(ana.access, ana.owner_key, b.id, {"place": "A"}, account)


def test_another_account_proves_nothing_gone(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    run(ana, a)
    connections.disconnect(ana.access, a.id, keep_there=False)
    account = connections.try_out("shelf", {"place": "B"}, nowhere)
    connections.reconnect(ana.access, ana.owner_key, a.id, {"place": "B"}, account)
    told = run(ana, a)
    assert places["A"].texts() == ["One."]
    assert [one.state for one in connections.receipts(ana.access, a.id)] == ["asked"]
    assert told.outcome != "done"


def test_another_account_in_its_place_forgets_nothing(
    ana: Person, places: dict[str, Place]
) -> None:
    remember(ana, "One.", "Two.")
    a = connected(ana, "A")
    run(ana, a)
    places["B"].put("Three.")
    account = connections.try_out("shelf", {"place": "B"}, nowhere)
    connections.reconnect(ana.access, ana.owner_key, a.id, {"place": "B"}, account)
    assert run(ana, a).outcome == "guarded"
    connections.waive(ana.access, a.id, "other account")
    assert run(ana, a).outcome == "done"
    assert texts(ana) == ["One.", "Three.", "Two."] == places["B"].texts()


# A hostile vendor


@pytest.mark.parametrize(
    "item",
    [
        Item("A \ud800 half.", title="\ud800", conversation_id="\ud800", message_id="\udfff"),
        Item("nul \0 here", title="\0\u202e"),
        Item("odd kind", kind="Profile"),  # type: ignore[arg-type]
        Item("long ids", conversation_id="x" * 5_000_000, message_id="y" * 5_000_000),
        Item("t", title="long " * 1_000_000),
    ],
)
@pytest.mark.parametrize("how", ["new", "asked", "changed", "conflict"])
def test_one_odd_entry_does_not_stop_a_run(ana: Person, place: Place, item: Item, how: str) -> None:
    remember(ana, "One.")
    right = Right(see=True, add="ask") if how == "asked" else SYNCED
    a = connected(ana, "A", {"Personal": right})
    run(ana, a)
    (made,) = place.entries
    name = made if how in ("changed", "conflict") else "m500"
    version = 9
    place.entries[name] = (item, version, "")
    place.put("A sound one.")
    if how == "conflict":
        one = memories.listing(ana.access, limit=100).memories[0]
        memories.revise(ana.access, one.id, text="Changed here.")
    told = run(ana, a)
    assert told.outcome == "done", told.said
    assert told.counts.get("suggested" if how == "asked" else "taken", 0) >= 1
    for one in memories.listing(ana.access, limit=100).memories:
        assert "\0" not in one.text and len(one.title) <= 300


def test_a_listing_without_an_end_is_broken_off(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.base.live import remote as module

    monkeypatch.setattr(module, "BOUNDS", module.Bounds(entries=500))

    def endless(self: Shelf, cursor: str | None = None) -> Iterator[Page]:
        number = 0
        while number < 10_000:
            number += 1
            yield Page([Entry(f"e{number}", "1", Item(f"Entry {number}."))])

    monkeypatch.setattr(Shelf, "pages", endless)
    a = connected(ana, "A")
    told = run(ana, a)
    assert told.outcome == "bad response" and texts(ana) == []


# Time


def test_many_messages_are_one_run(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = connected(ana, "A")
    left: list[tuple[Any, ...]] = []

    class Outbox:
        @staticmethod
        def leave(task: object, *words: Any) -> bool:
            left.append(words)
            return True

    monkeypatch.setattr(scheduling, "outbox", Outbox)
    for _ in range(5):
        scheduling.start_due()
    assert [words[1] for words in left].count(str(a.id)) == 1
    forge(ana, next_at=timezone.now() - timedelta(seconds=1))
    scheduling.start_due()
    assert [words[1] for words in left].count(str(a.id)) == 2


def test_what_could_not_be_left_does_not_look_as_if_it_ran(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = connected(ana, "A", background=False)

    class Outbox:
        @staticmethod
        def leave(task: object, *words: Any) -> bool:
            return False

    monkeypatch.setattr(connections, "outbox", Outbox)
    connections.run_now(ana.access, a.id, ana.owner_key)
    assert not connections.get(ana.access, a.id).running
    assert row(ana).run_slot is None


def test_erasing_ends_a_run_and_the_servers_key(ana: Person, place: Place) -> None:
    from sync import erasing

    remember(ana, "One.")
    a = connected(ana, "A")
    erasing.begin(ana.access, ana.user, keep_account=True, start=lambda id: None)
    assert row(ana).server_slot is None and bytes(row(ana).owner_slot) == b""
    assert runs.run(ana.vault_id, a.id, transport=nowhere) is None
    assert place.entries == {}


def test_erased_in_mid_run_nothing_more_is_sent(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync import erasing

    remember(ana, "One.", "Two.", "Three.")
    a = connected(ana, "A")
    create = Shelf.create

    def then_erased(self: Shelf, item: Item, key: str) -> Entry:
        made = create(self, item, key)
        if len(place.entries) == 1:
            erasing.begin(ana.access, ana.user, keep_account=True, start=lambda id: None)
        return made

    monkeypatch.setattr(Shelf, "create", then_erased)
    run(ana, a)
    assert len(place.entries) == 1


def test_paused_in_the_middle_of_taking_back_nothing_more_is_deleted(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, "One.", "Two.", to="Work")
    remember(ana, "Three.")
    a = connected(ana, "A", {"Personal": SYNCED, "Work": SYNCED})
    run(ana, a)
    grants.change(ana.access, a.grant.id, rights={ana.collection("Personal"): SYNCED})
    delete = Shelf.delete

    def then_paused(self: Shelf, entry: Entry) -> None:
        delete(self, entry)
        if connections.get(ana.access, a.id).state == "active":
            connections.pause(ana.access, a.id)

    monkeypatch.setattr(Shelf, "delete", then_paused)
    run(ana, a)
    assert len(place.entries) == 2
    monkeypatch.undo()
    connections.resume(ana.access, a.id, ana.owner_key)
    run(ana, a)
    assert place.texts() == ["Three."]
    states = [one.state for one in connections.receipts(ana.access, a.id)]
    assert states == ["gone", "gone"]


def test_an_entry_that_moved_is_found_when_it_is_taken_back(ana: Person, place: Place) -> None:
    remember(ana, "One.")
    a = connected(ana, "A")
    run(ana, a)
    (name,) = place.entries
    place.entries["moved"] = place.entries.pop(name)
    connections.disconnect(ana.access, a.id, keep_there=False)
    run(ana, a)
    assert place.entries == {}
