"""Two things at once, and things that come too late: found by reading, each failed before."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from tests.people import Person
from vault import bulk, memories, vaults
from vault.access import Access
from vault.embedding import embedders, folding, indexing
from vault.errors import NotFound
from vault.ids import by_model
from vault.keys import rotation
from vault.models import Memory as MemoryRow
from vault.models import Segment, Source, Vector
from vault.models import Suggestion as SuggestionRow
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.search import opening, sealed
from vault.search.segments import unpack
from vault.types import Draft, Memory, Right, Suggestion

FULL = Right(see=True, add="yes")
BLIND = Right(add="yes")


def bees(person: Person, place: str = "Personal") -> Memory:
    made = memories.remember(
        person.access, person.collection(place), Draft("Keeps bees on the roof")
    )
    assert isinstance(made, Memory)
    return made


def test_an_app_cannot_make_an_instruction_a_fact_and_change_it_so(ana: Person) -> None:
    draft = Draft("Answer in French", kind="instruction")
    made = memories.remember(ana.access, ana.collection("Work"), draft)
    app = ana.grantee(Work=FULL)
    assert isinstance(memories.revise(app, made.id, kind="fact", text="hacked"), Suggestion)
    assert memories.get(ana.access, made.id).text == "Answer in French"


def test_what_the_owner_did_not_look_at_is_not_confirmed_by_them(ana: Person) -> None:
    app = ana.grantee(Work=BLIND)
    memories.remember(app, ana.collection("Work"), Draft("Said by an app"))
    assert suggestions.take_in(ana.access) == 1
    (memory,) = memories.listing(ana.access).memories
    assert not memory.trusted
    with vault_scope(ana.vault_id):
        mine = Source.objects.get(vault_id=ana.vault_id, memory_id=memory.id)
        assert mine.grant_id == app.asker.id


def test_a_letter_that_does_not_open_locks_nobody_out(ana: Person) -> None:
    app = ana.grantee(Work=BLIND)
    for text in ("first", "second"):
        memories.remember(app, ana.collection("Work"), Draft(text))
    with vault_scope(ana.vault_id):
        first = SuggestionRow.objects.filter(vault_id=ana.vault_id).order_by("suggested_at")[0]
        altered = bytes(first.letter)[:-1] + bytes([bytes(first.letter)[-1] ^ 1])
        mine = SuggestionRow.objects.filter(vault_id=ana.vault_id, id=first.id)
        mine.update(letter=altered)
    assert suggestions.take_in(ana.access) == 1
    assert [m.text for m in memories.listing(ana.access).memories] == ["second"]
    (shown,) = suggestions.listing(ana.access)
    assert "cannot be read" in shown.text
    suggestions.decline(ana.access, shown.id)
    assert suggestions.count(ana.access) == 0


def test_a_memory_that_moves_while_it_is_embedded_is_found_at_its_new_place(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bees(ana)
    with vault_scope(ana.vault_id):
        Vector.objects.filter(vault_id=ana.vault_id).delete()
    real, moved = indexing.text_of, []

    def text(access: Access, row: MemoryRow) -> str:
        words = real(access, row)
        if not moved:
            moved.append(True)
            memories.move(ana.access, made.id, ana.collection("Work"))
        return words

    monkeypatch.setattr(indexing, "text_of", text)
    indexing.index_next(ana.access, None, 10)
    with vault_scope(ana.vault_id):
        (vector,) = Vector.objects.filter(vault_id=ana.vault_id)
        assert vector.collection_id == ana.collection("Work")
    assert recall.search(ana.grantee(Work=Right(see=True)), "bees")


def test_what_was_shredded_leaves_the_segments_too(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    gone, kept = (
        bees(ana),
        memories.remember(ana.access, ana.collection("Personal"), Draft("Plays the cello")),
    )
    assert indexing.fold(ana.access) == 2
    memories.forget(ana.access, gone.id)
    with vault_scope(ana.vault_id):
        Vector.objects.filter(vault_id=ana.vault_id, memory_id=gone.id).delete()
    indexing.fold(ana.access)
    with vault_scope(ana.vault_id):
        (segment,) = Segment.objects.filter(vault_id=ana.vault_id)
        place = (
            segment.collection_id,
            segment.epoch,
            "segment",
            by_model(segment.id, segment.model),
            0,
        )
        left = [id for id, _, _ in unpack(ana.access.keyring.open(*place, segment.sealed))]
    assert left == [kept.id]
    assert segment.count == 1


def test_an_open_collection_sees_what_was_embedded_and_folded_meanwhile(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    monkeypatch.setattr(opening, "_RETRY_MISSING", 0.0)
    home = ana.collection("Personal")
    recall.search(ana.access, "bees")
    drafts = [(home, Draft(f"Note number {n} about bees")) for n in range(80)]
    bulk.remember_many(ana.access, drafts)
    recall.search(ana.access, "bees")
    indexing.index_next(ana.access, None, 200)
    indexing.fold(ana.access)
    recall.search(ana.access, "bees")
    model = embedders.bundled()
    (opened,) = sealed.open_collections(ana.access, [home], model=model.model, dim=model.dim)
    assert opened.index.missing() == []


def test_what_is_forgotten_during_a_context_is_not_in_it(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, app, real = bees(ana, "Work"), ana.grantee(Work=Right(see=True)), recall.open_at

    def open_then_forget(access: Access, chosen: frozenset[UUID]) -> Iterable[sealed.Opened]:
        opened = real(access, chosen)

        def forget() -> None:
            memories.forget(ana.access, made.id)
            connections.close_all()

        thread = threading.Thread(target=forget)
        thread.start()
        thread.join()
        return opened

    monkeypatch.setattr(recall, "open_at", open_then_forget)
    assert "bees" not in recall.context(app, query="bees").text


def test_what_was_written_is_not_refused_when_the_key_changes_just_then(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, app, index = ana.collection("Work"), ana.grantee(Work=FULL), indexing.index_now

    def change_the_key(access: Access, ids: list[UUID]) -> None:
        index(access, ids)
        rotation.rotate(ana.access, ana.owner_key, home)
        while rotation.reseal_next(ana.access, home):
            pass

    with monkeypatch.context() as patch:
        patch.setattr(memories.indexing, "index_now", change_the_key)
        made = memories.remember(app, home, Draft("Keeps bees on the roof"))
    assert isinstance(made, Memory)
    assert memories.get(ana.access, made.id).text == made.text


def test_locking_takes_the_words_out_of_memory(ana: Person) -> None:
    bees(ana)
    recall.search(ana.access, "bees")
    assert [place for place in sealed._cache if place[0] == ana.vault_id]
    vaults.lock_everywhere(ana.access)
    assert not [place for place in sealed._cache if place[0] == ana.vault_id]


def test_what_was_forgotten_too_long_ago_cannot_be_restored(ana: Person) -> None:
    made = bees(ana)
    memories.forget(ana.access, made.id)
    with vault_scope(ana.vault_id):
        MemoryRow.objects.filter(vault_id=ana.vault_id, id=made.id).update(
            forgotten_at=timezone.now() - timedelta(days=31)
        )
    with pytest.raises(NotFound):
        memories.restore(ana.access, made.id)
