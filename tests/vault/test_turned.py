"""Turned vectors in the database: whose they are, their index, and what is cleared away."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.utils import DatabaseError
from numpy.typing import NDArray
from psycopg.errors import DiskFull

from config.home import APP_ROLE, Home
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
from vault import memories
from vault.embedding import folding, indexes
from vault.embedding.embedders import bundled
from vault.ids import new_id
from vault.keys import rotation
from vault.models import TurnedVector
from vault.scope import vault_scope
from vault.search import indexed, sealed, turned
from vault.search.embed import Embedding
from vault.search.segments import pack, parse


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
def small_is_large(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With other tests' collections looked after, and the tests' worker, for whom small is small,
    kept from looking after any: it would drop what is made here, whenever its turn comes."""
    with psycopg.connect(home.database_url(APP_ROLE), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [indexes._OURS])
        monkeypatch.setattr(indexes, "_OURS", indexes._OURS + 1)
        monkeypatch.setattr(turned, "EXACT_MOST", 3)
        monkeypatch.setattr(indexed, "EXACT_MOST", 3)
        indexes.tend()
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
    assert indexes.tend() == 1
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


@pytest.mark.parametrize("passed", [20_000, 1])
def test_rows_deleted_since_take_no_places_in_the_index(
    bea: Person, monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    """Until a vacuum the index leads to them first: after a rotation, or an import taken back."""
    monkeypatch.setattr(turned, "MOST_PASSED", passed)
    home, model = bea.collection("Personal"), bundled().model
    mine = turned.Turned(bea.access.keyring, home, model, 384)
    place = {"vault_id": bea.vault_id, "collection_id": home}
    dice = np.random.default_rng(3)
    rows = dice.normal(0, 0.01, (600, 384)).astype(np.float32)
    rows[:560, 0], rows[560:, 1] = 1, 1  # most lie where the question does
    ids = [new_id() for _ in rows]
    with vault_scope(bea.vault_id):
        mine.put(parse(pack(entries(ids, rows))), 1)
    with vault_scope(bea.vault_id):
        turned.make_index(home, model, 1, 384, 64)
    with vault_scope(bea.vault_id):
        TurnedVector.objects.filter(**place, memory_id__in=ids[:560]).delete()
    with vault_scope(bea.vault_id):
        (found,) = mine.nearest(rows[0], 10, large=True)
    assert {id.tobytes() for id in found.ids} <= {id.bytes for id in ids[560:]}
    assert len(found) == 10


def entries(ids: list[UUID], rows: NDArray[np.float32]) -> list[tuple[UUID, int, bytes]]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    halves = (rows / lengths).astype(np.float16)
    return [(id, 1, Embedding(row[None]).to_bytes()) for id, row in zip(ids, halves, strict=True)]


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


@pytest.mark.usefixtures("small_is_large")
def test_a_database_with_little_shared_memory_builds_alone(
    bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes share what they build in /dev/shm, of which a container has 64 MB."""
    note(bea)
    folded(bea)
    real, workers = turned.make_index, list[str]()

    def make(*args: Any) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('max_parallel_maintenance_workers')")
            workers.append(cursor.fetchone()[0])
        if len(workers) == 1:
            raise OperationalError from DiskFull("could not resize shared memory segment")
        return real(*args)

    monkeypatch.setattr(turned, "make_index", make)
    assert indexes.tend() == 1
    assert workers[1:] == ["0"] != workers[:1]
    assert len(names(bea)) == 1


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
