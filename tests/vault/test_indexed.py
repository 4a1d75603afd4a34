"""Indexed search answers as sealed search does, whatever is done to the memories meanwhile."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from tests.people import Person
from tests.vault.modes import (
    ASKED,
    NOTES,
    folded,
    note,
    opened_of,
    remember,
    rows,
    searched,
    switch,
    texts,
)
from vault import bulk, memories, tasks
from vault.embedding import folding, indexing
from vault.embedding.embedders import bundled
from vault.ids import by_model
from vault.keys import rotation
from vault.models import Memory, Shelf
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import kept, opening, sealed
from vault.search.lookup import Lookup
from vault.types import Draft, Right, SourceDraft


@pytest.fixture(params=["sealed", "indexed"])
def ana(request: pytest.FixtureRequest, ana: Person) -> Person:
    """Ana, whose collection Personal is searched one way or the other."""
    if request.param == "indexed":
        switch(ana, "Personal", indexed=True)
    return ana


@pytest.fixture
def bea(ben: Person) -> Person:
    """Somebody with Personal indexed."""
    switch(ben, "Personal", indexed=True)
    return ben


@pytest.fixture(autouse=True)
def fold_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)


@pytest.mark.parametrize("fold", [False, True], ids=["new", "folded"])
def test_meaning_and_words_find(ana: Person, fold: bool) -> None:
    note(ana)
    if fold:
        folded(ana)
    assert texts(ana, "what is her job")[0] == NOTES[0]
    assert texts(ana, "dangerous food")[0] == NOTES[1]
    assert texts(ana, "Portuguese")[0] == NOTES[2]
    assert texts(ana, "portug", prefix=True)[0] == NOTES[2]
    assert recall.search(ana.access, "does she have children")[0].why


@pytest.mark.parametrize("fold", [False, True], ids=["new", "folded"])
def test_every_change_is_seen_by_the_next_search(ana: Person, fold: bool) -> None:
    made, other = remember(ana, "Keeps bees on the roof"), remember(ana, "Plays the cello")
    if fold:
        folded(ana)
    assert texts(ana, "bees")[0] == "Keeps bees on the roof"
    memories.revise(ana.access, made.id, text="Keeps ducks in the garden")
    assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
    assert "Keeps bees on the roof" not in texts(ana, "bees insects honey")
    memories.forget(ana.access, made.id)
    assert texts(ana, "ducks in a garden") in ([], ["Plays the cello"])
    memories.restore(ana.access, made.id)
    assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
    memories.move(ana.access, other.id, ana.collection("Health"))
    assert texts(ana, "cello music")[0] == "Plays the cello"
    app = ana.grantee(Personal=Right(see=True))
    assert "Plays the cello" not in texts(app, "cello music")
    if fold:
        folded(ana)
        assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
        assert "Plays the cello" not in texts(app, "cello music")


def test_a_memory_moved_in_is_found_by_meaning(ana: Person) -> None:
    made = remember(ana, NOTES[0], "Health")
    memories.move(ana.access, made.id, ana.collection("Personal"))
    app = ana.grantee(Personal=Right(see=True))
    assert texts(app, "what is her job") == [NOTES[0]]
    folded(ana)
    assert texts(app, "what is her job") == [NOTES[0]]


def test_filters_hold(ana: Person) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for number, text in enumerate(NOTES):
        kind = "event" if number % 2 else "fact"
        remember(ana, text, kind=kind, occurred_at=at + timedelta(days=number))
    folded(ana)
    for query in ("job food language child answer", "peanuts"):
        assert set(texts(ana, query, kinds=["event"])) <= {NOTES[1], NOTES[3]}
    assert texts(ana, "allergy", kinds=["event"])[0] == NOTES[1]
    found = texts(ana, "her work", after=at, before=at + timedelta(days=1))
    assert found == [NOTES[0]]
    assert texts(ana, "her work", kinds=[]) == []


def test_held_memories_are_found_by_their_owner_alone(ana: Person) -> None:
    app = ana.grantee(new=True, Personal=Right(see=True, add="yes"))
    memories.remember(app, ana.collection("Personal"), Draft(NOTES[1]))
    remember(ana, NOTES[0])
    folded(ana)
    assert texts(ana, "dangerous food")[0] == NOTES[1]
    assert NOTES[1] not in texts(app, "dangerous food peanuts")
    assert NOTES[1] not in recall.context(app, query="dangerous food peanuts").text


def test_every_part_of_a_long_text_counts(ana: Person) -> None:
    filler = "The meeting went on about the budget and the plans for the new building. " * 40
    long = remember(ana, filler + "She is afraid of spiders and snakes. " + filler)
    folded(ana)
    query = "Is she afraid of spiders and snakes?"
    whole = bundled().embed(filler + "She is afraid of spiders and snakes. " + filler).passages
    asked = bundled().query(query)
    (found,) = searched(ana, asked)
    likeness = whole.astype(np.float32) @ asked.passages[0].astype(np.float32)
    assert found.meaning == pytest.approx(float(likeness.max()), abs=0.01)
    assert likeness.max() - likeness[0] > 0.05
    assert rows(ana, memory_id=long.id) in (0, len(whole))
    memories.revise(ana.access, long.id, text="Nothing of it.")
    folded(ana)
    assert rows(ana, memory_id=long.id) in (0, 1)
    assert long.text not in texts(ana, query)


def test_contexts_bring_what_stands_and_the_turns_around(ana: Person) -> None:
    place = ana.collection("Personal")
    memories.remember(ana.access, place, Draft("Is called Ana Ruiz", kind="profile"))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    turns = [("user", "Which dike should I inspect first?"), ("assistant", "The one at Lek.")]
    drafts = [
        Draft(
            text,
            "episode",
            role=role,
            conversation="talk",
            position=n,
            occurred_at=at + timedelta(minutes=n),
            source=SourceDraft("openai", f"turn:{n}"),
        )
        for n, (role, text) in enumerate(turns)
    ]
    bulk.remember_many(ana.access, [(place, draft) for draft in drafts])
    indexing.index_next(ana.access, None, 100)
    folded(ana)
    found = recall.context(ana.access, query="dike to inspect")
    assert "Ana Ruiz" in found.text
    assert "The one at Lek." in found.text


def test_vectors_of_what_is_found_can_be_compared(ana: Person) -> None:
    made = note(ana)
    folded(ana)
    with vault_scope(ana.vault_id):
        (opened,) = opened_of(ana)
        vectors = [opened.index.vector(memory.id) for memory in made]
        assert opened.index.vector(by_model(ana.vault_id, "x")) is None
    for memory, vector in zip(made, vectors, strict=True):
        assert vector is not None
        expected = bundled().embed(memory.text).passages[0].astype(np.float32)
        assert float(vector @ expected) > 0.999


def test_rotation_leaves_everything_findable(ana: Person) -> None:
    note(ana)
    folded(ana)
    place = ana.collection("Personal")
    rotation.rotate(ana.access, ana.owner_key, place)
    remember(ana, "Keeps bees on the roof")
    sealed.close(ana.vault_id)
    for _ in range(2):
        assert texts(ana, "what is her job")[0] == NOTES[0]
        assert texts(ana, "honey insects")[0] == "Keeps bees on the roof"
        while rotation.reseal_next(ana.access, place, limit=3):
            pass
        assert rotation.finish(ana.access, place, lambda *_: False)
        sealed.close(ana.vault_id)
    assert rows(ana, epoch=1) == 0
    folded(ana)
    assert texts(ana, "honey insects")[0] == "Keeps bees on the roof"


def test_all_with_a_word_are_found(ana: Person) -> None:
    for number in range(30):
        remember(ana, f"The boat of {number} friends")
    folded(ana)
    assert len(recall.holding(ana.access, "boat friends")) == 30


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST", 3)


def shelf_of(person: Person) -> int:
    return rows(person, Shelf)


@pytest.mark.usefixtures("keep")
def test_a_kept_shelf_answers_as_the_rows_do(ana: Person) -> None:
    made = note(ana)
    before = [texts(ana, query) for query in ASKED]
    folded(ana)
    assert shelf_of(ana) == 1
    assert [texts(ana, query) for query in ASKED] == before
    memories.revise(ana.access, made[0].id, text="Works as a baker in Ghent")
    memories.forget(ana.access, made[1].id)
    memories.move(ana.access, made[2].id, ana.collection("Health"))
    memories.revise(ana.access, made[3].id, pinned=True)
    remember(ana, "Keeps bees on the roof")
    sealed.close(ana.vault_id)
    app = ana.grantee(Personal=Right(see=True))
    assert texts(app, "what is her job")[0] == "Works as a baker in Ghent"
    assert texts(app, "honey insects")[0] == "Keeps bees on the roof"
    found = texts(app, "hydrologist peanuts Portuguese daughter answers bees baker", limit=50)
    assert sorted(found) == sorted(
        [NOTES[3], NOTES[4], "Works as a baker in Ghent", "Keeps bees on the roof"]
    )
    assert "pinned" in recall.search(app, "daughter")[0].why


@pytest.mark.usefixtures("keep")
def test_a_kept_shelf_is_written_anew_when_much_changed(ana: Person) -> None:
    note(ana)
    folded(ana)
    with vault_scope(ana.vault_id):
        before = kept.read(ana.access, ana.collection("Personal"), texts=False)
    for number in range(4):
        remember(ana, f"Note {number} about the sea")
    folded(ana)
    with vault_scope(ana.vault_id):
        after = kept.read(ana.access, ana.collection("Personal"), texts=False)
    assert before is not None
    assert after is not None
    assert (len(before.shelf), len(after.shelf)) == (5, 9)


@pytest.mark.usefixtures("keep")
def test_what_is_shredded_leaves_the_shelf(ana: Person) -> None:
    made = note(ana)
    folded(ana)
    memories.forget(ana.access, made[0].id)
    with vault_scope(ana.vault_id):
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        Memory.objects.filter(id=made[0].id).update(forgotten_at=long_ago)
    tasks.shred_forgotten()
    assert shelf_of(ana) == 0
    assert rows(ana, memory_id=made[0].id) == 0
    assert NOTES[0] not in texts(ana, "hydrologist in Utrecht")


def test_a_question_does_not_walk_through_all_that_is_there(
    bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = note(bea)
    folded(bea)
    remember(bea, "Keeps bees on the roof")
    assert texts(bea, "honey insects")[0] == "Keeps bees on the roof"
    real, named = Lookup.id, list[int]()

    def naming(self: Lookup, key: int) -> UUID:
        named.append(key)
        return real(self, key)

    monkeypatch.setattr(Lookup, "id", naming)
    home = bea.collection("Personal")
    with vault_scope(bea.vault_id):
        opening.catch_up(bea.access, home, shared(bea), seq=-1)
    assert named == []
    memories.revise(bea.access, made[0].id, text="Works as a baker")
    assert texts(bea, "bread")[0] == "Works as a baker"


def shared(person: Person) -> opening.Opened:
    """What is in memory of Personal, for whoever asks."""
    places = [place for place in sealed._cache if place[1] == person.collection("Personal")]
    return sealed._cache[places[-1]]
