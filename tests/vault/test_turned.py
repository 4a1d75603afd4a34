"""Turned vectors in the database: whose they are, their index, and what is cleared away."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from tests.people import Person
from tests.vault.modes import (
    ASKED,
    NOTES,
    folded,
    note,
    rows,
    switch,
    texts,
)
from vault import (
    folding,
    indexes,
    memories,
    rotation,
)
from vault.embedders import bundled
from vault.models import TurnedVector
from vault.scope import vault_scope
from vault.search import indexed, sealed, turned


@pytest.fixture
def bea(ben: Person) -> Person:
    """Somebody with Personal indexed."""
    switch(ben, "Personal", indexed=True)
    return ben


@pytest.fixture(autouse=True)
def fold_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)


def test_stale_rows_are_cleared(bea: Person) -> None:
    made = note(bea)
    folded(bea)
    memories.revise(bea.access, made[0].id, text="Works as a baker in Ghent")
    memories.move(bea.access, made[1].id, bea.collection("Health"))
    assert rows(bea) > len(NOTES) - 2
    indexes.tend()
    assert rows(bea) == len(NOTES) - 2
    assert texts(bea, "what is her job")[0] == "Works as a baker in Ghent"


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
