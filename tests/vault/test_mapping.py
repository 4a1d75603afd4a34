"""The map of a vault: drawn for who holds the keys, kept in memory, gone with what it came from."""

import gc
import queue
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from tests.people import Person, new_person, opened_anew
from vault import memories, vaults
from vault.access import open_session
from vault.embedding import embedders
from vault.mapping import maps
from vault.mapping.layout import lay_out
from vault.mapping.maps import FEWEST, look
from vault.models import Collection
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Memory

pytestmark = pytest.mark.usefixtures("database")
TEXTS = (
    *("Likes night trains", "Takes the train to Vienna", "Owns a railway map"),
    *("Bakes rye bread", "Cooks lentil soup", "Eats no peanuts", "Writes Python at work"),
)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    maps._kept.clear()
    maps._jobs.clear()
    yield


def filled(texts: tuple[str, ...] = TEXTS, kind: str = "fact") -> Person:
    person = new_person()
    for text in texts:
        add(person, text, kind)
    return person


def add(person: Person, text: str, kind: str = "fact", home: str = "Personal") -> UUID:
    draft = Draft(text, kind=kind)  # type: ignore[arg-type]
    made = memories.remember(person.access, person.collection(home), draft)
    assert isinstance(made, Memory)
    return made.id


def places(person: Person, talks: bool = False) -> dict[UUID, tuple[float, float]]:
    picture = look(person.access, talks=talks).picture
    assert picture is not None
    ids = picture.memory_ids(np.arange(len(picture)))
    return {id: (x, y) for id, (x, y) in zip(ids, picture.places.tolist(), strict=True)}


def test_a_map_is_the_same_when_it_is_drawn_again() -> None:
    person = filled()
    first = places(person)
    assert len(first) == len(TEXTS)
    sealed.close(person.vault_id)
    assert places(person) == first


def test_the_map_follows_what_is_changed() -> None:
    person = filled()
    one = next(iter(places(person)))
    memories.forget(person.access, one)
    new = add(person, "Sails on the lake")
    now = places(person)
    assert one not in now
    assert new in now


def test_it_is_gone_when_the_vault_is_locked() -> None:
    person = filled()
    places(person)
    assert maps._kept
    vaults.lock(person.access)
    gc.collect()
    assert not maps._kept


def test_another_key_does_not_find_it() -> None:
    person, other = filled(), filled()
    mine, theirs = places(person), places(other)
    assert not mine.keys() & theirs.keys()
    assert len(maps._kept) == 2


def test_few_memories_are_no_map() -> None:
    person = filled(TEXTS[: FEWEST - 1])
    found = look(person.access)
    assert (found.state, found.picture, found.count) == ("few", None, FEWEST - 1)
    assert look(new_person().access).state == "few"


def test_conversations_are_left_out_and_move_nothing_when_they_come() -> None:
    person = filled()
    before = places(person)
    turn = add(person, "How do I bake rye bread?", "episode")
    assert places(person).keys() == before.keys()
    with_talks = places(person, talks=True)
    assert turn in with_talks
    for id, (x, y) in before.items():
        assert abs(with_talks[id][0] - x) < 0.03
        assert abs(with_talks[id][1] - y) < 0.03


def test_a_collection_that_was_altered_is_named_and_the_others_are_drawn() -> None:
    person = filled()
    add(person, "Meets the team on Mondays", home="Work")
    work = person.collection("Work")
    with vault_scope(person.vault_id):
        Collection.objects.filter(vault_id=person.vault_id, id=work).update(private=True)
    found = look(person.access)
    assert found.shelves.closed == (work,)
    assert found.picture is not None
    assert len(found.picture) == len(TEXTS)


def test_a_large_map_is_drawn_beside_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "_AT_ONCE", 0)
    person = filled()
    found = look(person.access)
    assert found.state == "drawing"
    until = time.monotonic() + 30
    while found.state == "drawing" and time.monotonic() < until:
        time.sleep(0.05)
        found = look(person.access)
    assert found.state == "drawn"


def test_locking_ends_a_drawing_and_leaves_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(ids: Any, vectors: Any, frame: Any, tell: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        tell(0.5)
        ended.set()
        return lay_out(ids, vectors, frame, tell)

    monkeypatch.setattr(maps, "_AT_ONCE", 0)
    monkeypatch.setattr(maps, "lay_out", slow)
    person = filled()
    opened = [weakref.ref(one) for _, one in look(person.access).shelves.opened]
    assert begun.wait(30)
    vaults.lock(person.access)
    gc.collect()
    assert [one() for one in opened] == [None] * len(opened)
    go_on.set()
    (job,) = maps._jobs.values()
    assert job.over.wait(30)
    assert not maps._kept
    assert not ended.is_set()


def test_two_are_drawn_at_once_and_the_others_wait_unless_they_are_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: queue.Queue[None] = queue.Queue()
    go_on = threading.Event()

    def slow(ids: Any, vectors: Any, frame: Any, tell: Any) -> Any:
        begun.put(None)
        assert go_on.wait(30)
        return lay_out(ids, vectors, frame, tell)

    monkeypatch.setattr(maps, "_AT_ONCE", 0)
    monkeypatch.setattr(maps, "lay_out", slow)
    people = [filled() for _ in range(4)]
    assert [look(one.access).state for one in people] == ["drawing"] * 4
    for _ in range(2):
        begun.get(timeout=30)
    *jobs, last = maps._jobs.values()
    vaults.lock(people[3].access)
    gc.collect()
    assert last.over.wait(30)  # it does not wait for a turn that nobody wants any more
    assert begun.empty()
    go_on.set()
    assert all(job.over.wait(30) for job in jobs)
    assert [look(one.access).state for one in people[:3]] == ["drawn"] * 3


def test_drawing_that_failed_is_told_and_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    person = filled()

    def broken(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(maps, "_AT_ONCE", 0)
    monkeypatch.setattr(maps, "lay_out", broken)
    assert look(person.access).state == "drawing"
    until = time.monotonic() + 30
    while (state := look(person.access).state) == "drawing" and time.monotonic() < until:
        time.sleep(0.05)
    assert state == "failed"
    monkeypatch.undo()
    assert look(person.access).state == "drawn"


def test_few_changes_of_a_large_map_leave_all_else_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(maps, "LANDMARKS", 4)
    monkeypatch.setattr(maps, "_MOST_CHANGED", 0.5)
    person = filled()
    before = places(person)
    new = add(person, "Takes the train to Graz")
    now = places(person)
    for id, place in before.items():
        assert now[id] == pytest.approx(place, abs=0.02)
    assert new in now


def test_points_of_very_many_are_a_fair_share_and_the_same_again() -> None:
    person = filled()
    picture = look(person.access).picture
    assert picture is not None
    everything = picture.fitting()
    assert len(picture.drawn(everything)) == len(TEXTS)
    some = picture.drawn(everything, 3)
    assert 3 <= len(some) <= len(TEXTS)
    assert np.array_equal(some, picture.drawn(everything, 3))


def test_no_place_is_kept_at_rest() -> None:
    """What is written while a map is drawn: nothing but the session's own time."""
    person = filled()
    opened = opened_anew(person)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        look(access)
    words = [query["sql"].split()[0].upper() for query in seen.captured_queries]
    assert not {"INSERT", "UPDATE", "DELETE"} & set(words)
    assert embedders.chosen(access).next is None
