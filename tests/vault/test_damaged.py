"""Damaged rows: an epoch that never was, and what search made of memories."""

from uuid import UUID

import pytest
from django.db import connection

from sync.upkeep import resealing
from sync.upkeep import turning as set_turning
from tests.people import Person
from tests.vault.test_checkup import accept, filled
from vault import memories
from vault.embedding import folding, indexing
from vault.errors import Tampered
from vault.integrity import checkup
from vault.keys import rotation
from vault.models import (
    CollectionKey,
    Memory,
    Revision,
    Segment,
    Shelf,
    SortingRule,
    Source,
    TurnedVector,
    Vector,
)
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import kept, sealed
from vault.types import Draft


def found(person: Person) -> set[str]:
    sealed.close(person.vault_id)
    return {hit.memory.text for hit in recall.search(person.access, "sea bees moon")}


@pytest.mark.parametrize("model", [Memory, Source, Revision])
def test_an_epoch_that_never_was(
    ana: Person, model: type[Memory] | type[Source] | type[Revision]
) -> None:
    work = filled(ana)
    one = memories.remember(ana.access, work, Draft("The sea is red."))
    memories.revise(ana.access, one.id, text="The sea is green.")
    name = "id" if model is Memory else "memory_id"
    with vault_scope(ana.vault_id):
        mine = model.objects.filter(vault_id=ana.vault_id, **{name: one.id})
        assert mine.update(epoch=99)
    with pytest.raises(Tampered):
        checkup.check(ana.access, work)
    left = accept(ana.access, work).count
    assert checkup.check(ana.access, work) == left == (1 if model is Memory else 2)


def test_a_memory_with_such_a_source_can_be_forgotten(ana: Person) -> None:
    work = filled(ana)
    one = memories.remember(ana.access, work, Draft("The sea is red."))
    with vault_scope(ana.vault_id):
        Source.objects.filter(vault_id=ana.vault_id, memory_id=one.id).update(epoch=99)
    memories.forget(ana.access, one.id)
    assert checkup.check(ana.access, work) == 1


def three(person: Person, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr(kept, "LEAST", 2)
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    work = filled(person)
    memories.remember(person.access, work, Draft("The sea is red."))
    memories.remember(person.access, work, Draft("The moon is far."))
    return work


TEXTS = {"The bees are blue.", "The sea is red.", "The moon is far."}


def damage(person: Person, model: type[Vector] | type[Segment] | type[Shelf], what: str) -> None:
    with vault_scope(person.vault_id):
        row = model.objects.filter(vault_id=person.vault_id).first()
        assert row
        if what == "epoch":
            changed: dict[str, object] = {"epoch": 99}
        else:
            data = bytes(getattr(row, what))
            changed = {what: data[:-1] + bytes([data[-1] ^ 1])}
        model.objects.filter(vault_id=person.vault_id, id=row.id).update(**changed)


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (Vector, "passages"),
        (Vector, "tokens"),
        (Vector, "epoch"),
        (Segment, "sealed"),
        (Segment, "epoch"),
        (Shelf, "sealed"),
        (Shelf, "epoch"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__.lower(),
)
def test_what_search_made_is_made_anew(
    ana: Person,
    monkeypatch: pytest.MonkeyPatch,
    model: type[Vector] | type[Segment] | type[Shelf],
    what: str,
) -> None:
    work = three(ana, monkeypatch)
    if what != "passages" and model is not Vector:
        folding.fold(ana.access)
    damage(ana, model, what)
    assert found(ana) == TEXTS  # some by their words only
    with pytest.raises(Tampered, match="made anew"):
        checkup.check(ana.access, work)
    accept(ana.access, work)
    assert checkup.check(ana.access, work) == 3
    indexing.index_next(ana.access, None, 10)
    folding.fold(ana.access)
    assert found(ana) == TEXTS
    with vault_scope(ana.vault_id):
        assert Vector.objects.filter(vault_id=ana.vault_id).count() == 3
        sizes = Segment.objects.filter(vault_id=ana.vault_id).values_list("count", flat=True)
        assert sum(sizes) == 3


@pytest.mark.parametrize("model", [Vector, Segment])
def test_folding_gets_past_it(
    ana: Person, monkeypatch: pytest.MonkeyPatch, model: type[Vector] | type[Segment]
) -> None:
    work = three(ana, monkeypatch)
    if model is Segment:
        folding.fold(ana.access)
        with vault_scope(ana.vault_id):  # as when one is revised: its segment is compacted
            Vector.objects.filter(vault_id=ana.vault_id, passages=None)[:1].get().delete()
    damage(ana, model, "passages" if model is Vector else "sealed")
    folding.fold(ana.access)
    while indexing.index_next(ana.access, None, 10)[1]:
        pass
    folding.fold(ana.access)
    assert found(ana) == TEXTS
    assert checkup.check(ana.access, work) == 3


@pytest.mark.parametrize("model", [Vector, Segment])
def test_a_new_key_gets_past_it(
    ana: Person, monkeypatch: pytest.MonkeyPatch, model: type[Vector] | type[Segment]
) -> None:
    work = three(ana, monkeypatch)
    if model is Segment:
        folding.fold(ana.access)
    damage(ana, model, "tokens" if model is Vector else "sealed")
    rotation.rotate(ana.access, ana.owner_key, work)
    resealing.start(ana.access, start=resealing.run)
    with vault_scope(ana.vault_id):
        keys = CollectionKey.objects.filter(vault_id=ana.vault_id, collection_id=work)
        assert list(keys.values_list("epoch", flat=True)) == [2]
    indexing.index_next(ana.access, None, 10)
    assert found(ana) == TEXTS
    assert checkup.check(ana.access, work) == 3


def test_a_turned_vector_of_another_size(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    work = three(ana, monkeypatch)
    folding.fold(ana.access)
    set_turning.set_indexed(
        ana.access, work, indexed=True, start=lambda t, c: set_turning.run(t, c, {})
    )
    assert found(ana) == TEXTS
    shrink(ana)
    assert found(ana) == TEXTS
    with pytest.raises(Tampered, match="made anew"):
        checkup.check(ana.access, work)
    accept(ana.access, work)
    indexing.index_next(ana.access, None, 10)
    assert found(ana) == TEXTS
    assert checkup.check(ana.access, work) == 3
    shrink(ana)
    rotation.rotate(ana.access, ana.owner_key, work)
    resealing.start(ana.access, start=resealing.run)
    with vault_scope(ana.vault_id):
        assert not TurnedVector.objects.filter(vault_id=ana.vault_id, epoch=1).exists()


def shrink(person: Person) -> None:
    with vault_scope(person.vault_id), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_turnedvector SET turned = '[1,2,3]'::halfvec"
            " WHERE id = (SELECT id FROM vault_turnedvector LIMIT 1)"
        )
        assert cursor.rowcount == 1


def test_a_rule_that_opens_no_more_is_given_up(ana: Person) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        SortingRule.objects.create(
            vault_id=ana.vault_id, collection_id=work, epoch=1, sealed=b"\1" * 90
        )
    with pytest.raises(Tampered, match="rules for sorting"):
        checkup.check(ana.access, work)
    accept(ana.access, work)
    assert checkup.check(ana.access, work) == 1


def test_entries_of_another_size_do_not_pass_for_an_empty_collection(ana: Person) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id).update(entry=b"\1" * 40)
        with pytest.raises(Tampered):
            kept.present(ana.access, work)
