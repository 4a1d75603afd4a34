"""Indexed search answers as sealed search does, whatever is done to the memories meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from django.db.utils import DatabaseError

from sync import turning as switching
from tests.people import Person
from tests.vault.modes import go, switch
from vault import (
    bulk,
    folding,
    indexes,
    indexing,
    memories,
    modes,
    recall,
    rotation,
    tasks,
    turning,
)
from vault.access import Access
from vault.embedders import bundled
from vault.errors import NotFound, Refused
from vault.ids import by_model
from vault.models import Memory, Segment, Shelf, TurnedVector, Vector
from vault.scope import vault_scope
from vault.search import indexed, kept, sealed, turned
from vault.search.documents import Candidate, QueryText
from vault.search.embed import Embedding
from vault.types import Draft, Right, SourceDraft
from vault.types import Memory as Remembered

NOTES = (
    "Works as a hydrologist in Utrecht",
    "Is allergic to peanuts",
    "Learns Portuguese on Tuesday evenings",
    "Has a daughter called Mila",
    "Prefers short answers with the conclusion first",
)
ASKED = ("what is her job", "dangerous food", "does she have children", "xylograph peanuts")


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


def remember(person: Person, text: str, place: str = "Personal", **more: object) -> Remembered:
    made = memories.remember(person.access, person.collection(place), Draft(text, **more))  # type: ignore[arg-type]
    assert isinstance(made, Remembered)
    return made


def texts(person: Person | Access, query: str, **more: object) -> list[str]:
    access = person.access if isinstance(person, Person) else person
    return [hit.memory.text for hit in recall.search(access, query, **more)]  # type: ignore[arg-type]


def note(person: Person, place: str = "Personal") -> list[Remembered]:
    return [remember(person, text, place) for text in NOTES]


def opened_of(person: Person) -> list[sealed.Opened]:
    model = bundled()
    home = person.collection("Personal")
    with vault_scope(person.vault_id):
        return sealed.open_collections(person.access, [home], model=model.model, dim=model.dim)


def searched(person: Person, asked: Embedding) -> list[Candidate]:
    with vault_scope(person.vault_id):
        (opened,) = opened_of(person)
        return opened.index.search(QueryText("", asked), limit=10)


def rows(person: Person, model: type = TurnedVector, **where: object) -> int:
    with vault_scope(person.vault_id):
        return int(model.objects.filter(vault_id=person.vault_id, **where).count())


def folded(person: Person) -> None:
    folding.fold(person.access)
    sealed.close(person.vault_id)


# What is so in both ways of searching -----------------------------------------------------------


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


# The shelf that is kept ------------------------------------------------------------------------


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


# What only indexed search has ------------------------------------------------------------------


def test_vectors_lie_turned_and_texts_sealed(bea: Person) -> None:
    made = note(bea)
    folded(bea)
    assert rows(bea) == len(NOTES)
    assert rows(bea, Segment) == 0
    assert rows(bea, Vector, passages__isnull=False) == 0
    with vault_scope(bea.vault_id):
        row = TurnedVector.objects.get(memory_id=made[0].id)
        vector = Vector.objects.get(memory_id=made[0].id)
        raw = turning.tokens_of(bea.access.keyring, vector).passages[0].astype(np.float32)
    lying = np.array(row.turned, np.float32)
    assert np.linalg.norm(lying) == pytest.approx(1, abs=0.01)
    assert abs(float(lying @ raw)) < 0.3


def test_a_word_that_no_neighbour_in_meaning_has_is_found(
    bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vault.search import rank

    monkeypatch.setattr(rank, "CANDIDATES", 2)
    for number in range(12):
        remember(bea, f"Tea in the morning with {number} biscuits")
    remember(bea, "The invoice is XK-4471")
    folded(bea)
    assert "The invoice is XK-4471" in texts(bea, "tea biscuits XK-4471")


def test_some_sealed_and_some_indexed_are_ranked_together(bea: Person, ana: Person) -> None:
    for person in (ana, bea):
        for place, text in zip(
            ("Personal", "Work", "Personal", "Work", "Health"), NOTES, strict=True
        ):
            remember(person, text, place)
        folded(person)
    for query in ASKED:
        assert texts(bea, query) == texts(ana, query)


def test_scores_are_those_of_sealed_search(ben: Person, keep: None) -> None:
    note(ben)
    folded(ben)
    before = {q: [(h.memory.text, h.score) for h in recall.search(ben.access, q)] for q in ASKED}
    switch(ben, "Personal", indexed=True)
    for query, expected in before.items():
        found = [(h.memory.text, h.score) for h in recall.search(ben.access, query)]
        assert [text for text, _ in found] == [text for text, _ in expected]
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=0.05)


def test_search_answers_at_every_step_of_the_way_there_and_back(
    ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "MOST", 2)
    monkeypatch.setattr(modes, "MOST", 2)
    place = ben.collection("Personal")
    note(ben)
    folded(ben)
    remember(ben, "Keeps bees on the roof")
    asked = (*ASKED, "honey insects")
    before = [texts(ben, query)[:1] for query in asked]
    for wanted in (True, False):
        assert modes.begin(ben.access, place, indexed=wanted)
        step, taken = modes.Step(), 0
        while not step.done:
            step, taken = modes.go_on(ben.access, place, step), taken + 1
            sealed.close(ben.vault_id)
            assert [texts(ben, query)[:1] for query in asked] == before
            assert 0 <= modes.state(ben.access, place).share <= 1
        assert taken > 4
        assert modes.state(ben.access, place) == modes.State(wanted, "")
        assert bool(rows(ben)) is wanted
        assert bool(rows(ben, Segment)) is not wanted
        folding.fold(ben.access)


def test_turning_round_on_the_way(ben: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MOST", 2)
    monkeypatch.setattr(modes, "MOST", 2)
    place = ben.collection("Personal")
    note(ben)
    folded(ben)
    expected = [texts(ben, query)[:1] for query in ASKED]
    for started, steps in ((True, 2), (False, 2), (True, 6), (False, 5), (False, 3)):
        modes.begin(ben.access, place, indexed=started)
        step = modes.Step()
        for _ in range(steps):
            step = modes.go_on(ben.access, place, step)
        sealed.close(ben.vault_id)
        assert [texts(ben, query)[:1] for query in ASKED] == expected
    switch(ben, "Personal", indexed=False)
    assert rows(ben) == 0
    sealed.close(ben.vault_id)
    assert [texts(ben, query)[:1] for query in ASKED] == expected


def test_what_changes_on_the_way_is_as_it_is_now(
    ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "MOST", 2)
    monkeypatch.setattr(modes, "MOST", 2)
    place, made = ben.collection("Personal"), note(ben)
    folded(ben)
    for wanted in (True, False):
        modes.begin(ben.access, place, indexed=wanted)
        step = modes.go_on(ben.access, place, modes.Step())
        memories.revise(ben.access, made[0].id, text=f"Works as a baker {wanted}")
        new = remember(ben, f"Keeps bees on roof {wanted}")
        folding.fold(ben.access)
        while not step.done:
            step = modes.go_on(ben.access, place, step)
        folded(ben)
        assert texts(ben, "what is her job")[0] == f"Works as a baker {wanted}"
        assert texts(ben, "honey insects")[0] == f"Keeps bees on roof {wanted}"
        assert NOTES[0] not in texts(ben, "hydrologist")
        memories.forget(ben.access, new.id)


def test_embeddings_that_got_lost_are_made_anew(ben: Person) -> None:
    note(ben)
    folded(ben)
    with vault_scope(ben.vault_id):
        Segment.objects.filter(vault_id=ben.vault_id).delete()
    switch(ben, "Personal", indexed=True)
    assert indexing.waiting(ben.access) == len(NOTES)
    indexing.index_next(ben.access, None, 100)
    assert texts(ben, "what is her job")[0] == NOTES[0]


def test_an_older_job_stops_when_a_newer_one_begins(ben: Person) -> None:
    note(ben)
    folded(ben)
    place, jobs = ben.collection("Personal"), list[tuple[str, UUID]]()
    for _ in range(2):
        switching.set_indexed(ben.access, place, indexed=True, start=lambda *job: jobs.append(job))
    (old, _), (new, _) = jobs
    assert switching.run(old, place, {}) is None
    assert rows(ben) == 0
    assert switching.state(ben.access, place).work == "going"
    go(new, place)
    assert switching.state(ben.access, place) == switching.State(modes.State(True, ""), "none")


def test_only_the_owner_switches(ben: Person) -> None:
    app = ben.grantee(Personal=Right(see=True, add="yes"))
    with pytest.raises(Refused):
        switching.set_indexed(app, ben.collection("Personal"), indexed=True)
    with pytest.raises(NotFound):
        switching.set_indexed(ben.access, by_model(ben.vault_id, "x"), indexed=True)
    with pytest.raises(NotFound):
        switching.state(app, ben.collection("Health"))


def test_stale_rows_are_cleared(bea: Person) -> None:
    made = note(bea)
    folded(bea)
    memories.revise(bea.access, made[0].id, text="Works as a baker in Ghent")
    memories.move(bea.access, made[1].id, bea.collection("Health"))
    assert rows(bea) > len(NOTES) - 2
    indexes.tend()
    assert rows(bea) == len(NOTES) - 2
    assert texts(bea, "what is her job")[0] == "Works as a baker in Ghent"


# The index in the database ---------------------------------------------------------------------


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(turned, "EXACT_MOST", 3)
    monkeypatch.setattr(indexed, "EXACT_MOST", 3)
    yield


def names(person: Person) -> list[str]:
    with vault_scope(person.vault_id):
        return turned.indexes(person.collection("Personal"))


@pytest.mark.usefixtures("small_is_large")
def test_a_large_collection_gets_an_index_that_finds(bea: Person) -> None:
    note(bea)
    folded(bea)
    exact = [texts(bea, query) for query in ASKED]
    assert names(bea) == []
    assert indexes.tend() >= 1
    (name,) = names(bea)
    home = bea.collection("Personal")
    with vault_scope(bea.vault_id):
        row = TurnedVector.objects.filter(vault_id=bea.vault_id)[0]
    assert name == indexes.index_name(home, row.model, row.epoch, len(row.turned))
    sealed.close(bea.vault_id)
    assert [texts(bea, query) for query in ASKED] == exact
    assert name in plan(bea)
    rotation.rotate(bea.access, bea.owner_key, home)
    while rotation.reseal_next(bea.access, home):
        pass
    assert indexes.tend() == 1
    assert len(names(bea)) == 1
    assert names(bea) != [name]
    assert [texts(bea, query) for query in ASKED] == exact
    switch(bea, "Personal", indexed=False)
    assert names(bea) == []


def plan(person: Person) -> str:
    """How the database goes about the question of a large collection."""
    home = person.collection("Personal")
    with vault_scope(person.vault_id), connection.cursor() as cursor:
        row = TurnedVector.objects.filter(vault_id=person.vault_id)[0]
        cursor.execute("SELECT set_config('enable_sort', 'off', true)")
        cursor.execute(
            "EXPLAIN SELECT memory_id FROM vault_turnedvector WHERE vault_id = %s AND"
            " collection_id = %s AND model = %s AND epoch = %s"
            " ORDER BY turned::halfvec(384) <#> %s::halfvec(384) LIMIT 5",
            [person.vault_id, home, row.model, row.epoch, str(row.turned)],
        )
        return "\n".join(line for (line,) in cursor.fetchall())


def test_nobody_makes_or_drops_an_index_of_another_vault(bea: Person, ana: Person) -> None:
    note(bea)
    folded(bea)
    theirs = bea.collection("Personal")
    for attempt in (
        lambda: turned.make_index(theirs, "m", 1, 384, 64),
        lambda: turned.drop_indexes(theirs),
    ):
        refused = pytest.raises(DatabaseError, match="no collection of this vault")
        with refused, vault_scope(ana.vault_id):
            attempt()
        with refused:
            attempt()
    assert names(bea) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *(("", 1, 384, 64), ("x" * 81, 1, 384, 64), ("m", 0, 384, 64), ("m", 1, 0, 64)),
        *(("m", 1, 4001, 64), ("m", 1, 384, 15), ("m", 1, 384, 99_999)),
    ],
)
def test_impossible_indexes_are_refused(ben: Person, wrong: tuple[str, int, int, int]) -> None:
    with pytest.raises(DatabaseError, match="No index can be made"), vault_scope(ben.vault_id):
        turned.make_index(ben.collection("Work"), *wrong)


def test_a_model_name_is_never_a_statement(ben: Person) -> None:
    evil = "m'); DROP TABLE vault_pair; --"
    place = ben.collection("Work")
    with vault_scope(ben.vault_id):
        name = turned.make_index(place, evil, 1, 64, 64)
        assert turned.indexes(place) == [name] == [indexes.index_name(place, evil, 1, 64)]
        assert turned.drop_indexes(place) == 1
        assert turned.indexes(place) == []


def test_the_application_may_not_make_indexes_itself(ben: Person) -> None:
    with pytest.raises(DatabaseError), vault_scope(ben.vault_id), connection.cursor() as cursor:
        cursor.execute("CREATE INDEX mine ON vault_turnedvector (memory_id)")


def test_another_vault_sees_no_turned_row(bea: Person, ana: Person) -> None:
    ids = [memory.id for memory in note(bea)]
    folded(bea)
    theirs = turned.Turned(bea.access.keyring, bea.collection("Personal"), bundled().model, 384)
    with vault_scope(bea.vault_id):
        assert sum(map(len, theirs.of(ids))) == len(ids)
    with vault_scope(ana.vault_id):
        assert sum(map(len, theirs.of(ids))) == 0
    assert sum(map(len, theirs.of(ids))) == 0  # below Django's guard: row-level security alone
