"""From sealed to indexed search and back: what lies where, and answers all the way."""

from uuid import UUID

import numpy as np
import pytest

from sync.upkeep import turning as switching
from tests.people import Person
from tests.vault.modes import (
    ASKED,
    NOTES,
    folded,
    go,
    note,
    remember,
    rows,
    switch,
    texts,
)
from vault import memories
from vault.embedding import folding, indexing, modes, turning
from vault.errors import NotFound, Refused
from vault.ids import by_model
from vault.models import Segment, TurnedVector, Vector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import kept, rank, sealed
from vault.types import Right


@pytest.fixture
def bea(ben: Person) -> Person:
    """Somebody with Personal indexed."""
    switch(ben, "Personal", indexed=True)
    return ben


@pytest.fixture(autouse=True)
def fold_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST", 3)


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
