"""A remote where reading costs a request each: what its etag proves is not read again, and every
decision is the same as if it had been."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import pytest

from connectors.base.types import Capability, Entry, Page
from sync.connections import connections
from sync.engine import bridge
from tests.people import Person, new_person
from tests.sync.remotes import SYNCED, Place, Shelf, connected, run, shelves
from vault import memories
from vault.granting import grants
from vault.types import Draft, Right

S = Capability.SPARING


class Costly(Shelf):
    """Notes what was read."""

    capabilities = Capability.WRITE | S

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        return self.chosen(lambda entry: True)

    def chosen(self, wanted: Callable[[Entry], bool]) -> Iterator[Page]:
        yield Page([self._seen(name, wanted) for name in self.place.entries])

    def _seen(self, name: str, wanted: Callable[[Entry], bool]) -> Entry:
        entry = self._entry(name)
        unread = Entry(name, entry.etag, None, entry.key, unread=True)
        if not wanted(unread):
            return unread
        self.place.calls.append(f"read {name}")
        return entry


@pytest.fixture
def place() -> Iterator[Place]:
    known = patch.object(bridge, "connectors", lambda: {"shelf": Costly})
    with shelves("A") as places, known:
        yield places["A"]


@pytest.fixture
def ana() -> Person:
    return new_person()


def remember(person: Person, text: str, home: str = "Personal") -> None:
    memories.remember(person.access, person.collection(home), Draft(text))


def texts(person: Person) -> list[str]:
    return sorted(one.text for one in memories.listing(person.access).memories)


def calls(place: Place) -> list[str]:
    """Since it was last asked."""
    found, place.calls[:] = list(place.calls), []
    return found


def test_what_was_read_or_written_once_is_not_read_again(ana: Person, place: Place) -> None:
    place.put("Likes tea.", "m-tea")
    remember(ana, "Lives in Graz.")
    a = connected(ana, "A")
    run(ana, a)
    assert calls(place) == ["read m-tea", "create"]
    assert run(ana, a).counts == {} and calls(place) == []
    assert texts(ana) == ["Likes tea.", "Lives in Graz."] == place.texts()


def test_what_has_another_etag_is_read(ana: Person, place: Place) -> None:
    place.put("Likes tea.", "m-tea")
    place.put("Plays the cello.", "m-cello")
    a = connected(ana, "A")
    run(ana, a)
    calls(place)
    place.put("Likes coffee.", "m-tea")
    place.put("Has a dog.", "m-dog")
    run(ana, a)
    assert calls(place) == ["read m-tea", "read m-dog"]
    assert texts(ana) == ["Has a dog.", "Likes coffee.", "Plays the cello."]


def test_changes_and_deletions_go_there_without_a_look_at_its_words(
    ana: Person, place: Place
) -> None:
    for word in ("One.", "Two.", "Three."):
        remember(ana, word)
    a = connected(ana, "A")
    run(ana, a)
    calls(place)
    one, two, _ = sorted(memories.listing(ana.access).memories, key=lambda m: m.text)
    memories.revise(ana.access, one.id, text="One more.")
    memories.forget(ana.access, two.id)
    run(ana, a)
    assert sorted(calls(place)) == ["delete", "update"]
    assert place.texts() == texts(ana)


def test_what_is_gone_there_is_still_seen_to_be_gone(ana: Person, place: Place) -> None:
    place.put("Likes tea.", "m-tea")
    place.put("Plays the cello.", "m-cello")
    a = connected(ana, "A")
    run(ana, a)
    del place.entries["m-tea"]
    run(ana, a)
    assert texts(ana) == ["Plays the cello."]


def test_looking_at_everything_again_reads_everything(ana: Person, place: Place) -> None:
    place.put("Likes tea.", "m-tea")
    a = connected(ana, "A")
    run(ana, a)
    calls(place)
    run(ana, a, resync=True)
    assert calls(place) == ["read m-tea"]


def test_taking_back_reads_nothing(ana: Person, place: Place) -> None:
    place.put("Likes tea.", "m-tea")
    remember(ana, "Lives in Graz.")
    remember(ana, "Has a dog.", "Work")
    a = connected(ana, "A", {"Personal": SYNCED, "Work": Right(see=True, add="no")})
    run(ana, a)
    calls(place)
    grants.change(ana.access, a.grant.id, rights={ana.collection("Personal"): SYNCED})
    run(ana, a)
    assert calls(place) == ["delete"]
    connections.disconnect(ana.access, a.id, keep_there=False)
    run(ana, a)
    assert calls(place) == ["delete"]
    assert place.texts() == ["Likes tea."]


def test_a_connector_cannot_say_that_what_was_asked_for_is_known(
    ana: Person, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would be known of it: a lie, or a mistake."""
    place.put("Likes tea.", "m-tea")
    a = connected(ana, "A")
    lazy = Entry("m-tea", "1", None, unread=True)
    monkeypatch.setattr(Costly, "chosen", lambda self, wanted: iter([Page([lazy])]))
    assert run(ana, a).outcome == "bad response"
    assert texts(ana) == []
