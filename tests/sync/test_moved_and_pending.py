"""What a hostile remote does to a run: entries that move, creates that nobody can find again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sync.connections import connections
from sync.models import Connection as Row
from tests.connectors.hostile import Crash, Temper, When, World, connector_of
from tests.people import Person, new_person
from tests.sync import remotes
from tests.sync.remotes import connected, run
from vault import memories
from vault.scope import vault_scope
from vault.types import Draft, Memory


@contextmanager
def reached(world: World) -> Iterator[None]:
    hostile = connector_of(world)
    hostile.Options = remotes.Options  # type: ignore[misc]
    with remotes.only({"shelf": hostile}):
        yield


def remember(person: Person, text: str) -> Memory:
    found = memories.remember(person.access, person.collection("Personal"), Draft(text))
    assert isinstance(found, Memory)
    return found


def texts(person: Person) -> list[str]:
    return sorted(one.text for one in memories.listing(person.access, limit=100).memories)


def silence(person: Person) -> None:
    with vault_scope(person.vault_id):
        rows = Row.objects.filter(vault_id=person.vault_id)
        rows.update(lease_owner=None, lease_until=None)


def test_an_entry_that_moved_is_changed_where_it_is_now() -> None:
    world, ana = World(), new_person()
    tea = remember(ana, "Tea")
    with reached(world):
        link = connected(ana, "A")
        run(ana, link)
        world.move(next(iter(world.entries)))
        memories.revise(ana.access, tea.id, text="Milk")
        run(ana, link)
        assert world.texts() == ["Milk"] == texts(ana)
        assert run(ana, link).counts == {}


def test_an_entry_that_moved_is_deleted_where_it_is_now() -> None:
    world, ana = World(), new_person()
    tea = remember(ana, "Tea")
    with reached(world):
        link = connected(ana, "A")
        run(ana, link)
        world.move(next(iter(world.entries)))
        memories.forget(ana.access, tea.id)
        run(ana, link)
        run(ana, link)
        assert world.texts() == [] == texts(ana)


@pytest.mark.parametrize("keeps_keys", [True, False])
def test_an_edit_after_a_crash_finds_what_was_sent(keeps_keys: bool) -> None:
    world, ana = World(temper=Temper(keeps_keys=keeps_keys)), new_person()
    tea = remember(ana, "Tea")

    def fuse(when: When, call: str) -> None:
        if (when, call) == ("after", "create"):
            raise Crash

    with reached(world):
        link = connected(ana, "A")
        world.fuse = fuse
        with pytest.raises(Crash):
            run(ana, link)
        world.fuse = lambda when, call: None
        silence(ana)
        memories.revise(ana.access, tea.id, text="Milk")
        run(ana, link)
        run(ana, link)
        assert world.texts() == ["Milk"] == texts(ana)


def test_what_was_accepted_and_shown_late_is_taken_back_too() -> None:
    world, ana = World(temper=Temper(holds=True)), new_person()
    remember(ana, "Tea")
    with reached(world):
        link = connected(ana, "A")
        run(ana, link)
        world.release()
        connections.disconnect(ana.access, link.id, keep_there=False)
        run(ana, link)
        assert world.texts() == []


def test_the_word_for_one_guard_does_not_cover_another() -> None:
    world, ana = World(), new_person()
    kept = {text: remember(ana, text) for text in (f"Thing {n}" for n in range(40))}
    with reached(world):
        link = connected(ana, "A")
        run(ana, link)
        for name in list(world.entries)[:15]:
            world.remove(name)
        for text in world.texts()[:15]:
            memories.forget(ana.access, kept[text].id)
        assert run(ana, link).outcome == "guarded"
        connections.waive(ana.access, link.id, "many deletions here")
        assert run(ana, link).outcome == "guarded"
        assert len(world.entries) == len(texts(ana)) == 25
