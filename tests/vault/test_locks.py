"""Two at once, each holding what the other wants next: nobody is turned away for it."""

import logging
import threading
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest

from tests.people import Person
from tests.vault.test_key_races import Other, meanwhile, opened, unlock
from tests.vault.test_merging import last_act, remember
from tests.vault.test_told_at_once import import_job, tell
from vault import (
    acts,
    bulk,
    collections,
    indexing,
    manifests,
    memories,
    merging,
    pairs,
    rotation,
    switching,
    turning,
)
from vault.access import Access
from vault.epochs import epochs
from vault.errors import NotFound
from vault.models import Act, Vector
from vault.scope import vault_scope
from vault.search.choice import BUNDLED
from vault.types import Draft, Memory
from vault.visible import Selection


@pytest.fixture
def sea(ana: Person) -> Memory:
    return remember(ana, "The sea is red.")


@pytest.fixture
def merged(ana: Person, sea: Memory) -> Memory:
    """What was merged into it."""
    other = remember(ana, "The sea is very red.")
    merging.merge(ana.access, sea.id, [other.id])
    return other


@pytest.fixture
def second(ana: Person) -> Access:
    """The same owner in another browser."""
    return opened(unlock(ana))


def test_embedding_revising_and_renaming_at_once(
    ana: Person, sea: Memory, second: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revising holds the memory and waits for the vault; renaming holds the vault and waits for the
    collection: whoever embeds must not hold that and wait for the memory."""
    renaming = Other(lambda: collections.rename(ana.access, sea.collection_id, name="Sea"))
    revising = Other(lambda: memories.revise(second, sea.id, text="The sea is green."))
    me = threading.current_thread()

    def later(access: Access, wanted: Sequence[UUID]) -> dict[UUID, int]:
        if threading.current_thread() is me and renaming.ident is None:
            for other in (renaming, revising):
                other.start()
                other.join(timeout=0.4)
        return epochs(access, wanted)

    with vault_scope(ana.vault_id):
        Vector.objects.filter(vault_id=ana.vault_id).delete()
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "epochs", later)
        indexing.index_next(ana.access, None, 10)
    for other in (renaming, revising):
        other.join(timeout=20)
        assert other.wrong is None
        assert other.answer is not None
    assert memories.get(ana.access, sea.id).text == "The sea is green."


def restore(access: Access, memory_id: UUID) -> None:
    memories.restore(access, memory_id)


def restore_many(access: Access, memory_id: UUID) -> None:
    act = acts.begin(access, "restore", Selection(ids=[memory_id], forgotten=True))
    acts.go_on(access, act.id)


@pytest.mark.parametrize("how", [restore, restore_many])
def test_restoring_what_was_merged_away_while_the_merge_is_undone(
    ana: Person,
    sea: Memory,
    merged: Memory,
    how: Callable[[Access, UUID], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    act = last_act(ana)
    with meanwhile(
        monkeypatch, merging, "give_back", lambda: acts.undo(ana.access, act)
    ) as undoing:
        how(ana.access, merged.id)
    assert isinstance(undoing.wrong, NotFound)  # restoring the last of it undid the merge
    for memory in (sea, merged):
        now = memories.get(ana.access, memory.id)
        assert now.forgotten_at is None
        assert [source.message_id for source in now.sources] == [memory.text[:20]]
    assert manifests.check(ana.access, sea.collection_id) == 2


def test_undoing_a_merge_while_what_it_took_away_is_restored(
    ana: Person, sea: Memory, merged: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = last_act(ana)
    with meanwhile(
        monkeypatch, merging, "parts_of", lambda: memories.restore(ana.access, merged.id)
    ) as restoring:
        acts.undo(ana.access, act)
    assert isinstance(restoring.answer, Memory)
    assert manifests.check(ana.access, sea.collection_id) == 2


def test_undoing_two_merges_into_one_memory_at_once(
    ana: Person, sea: Memory, merged: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = last_act(ana)
    third = remember(ana, "The sea is quite red.")
    merging.merge(ana.access, sea.id, [third.id])
    later = last_act(ana)
    with meanwhile(
        monkeypatch, merging, "_as_before", lambda: acts.undo(ana.access, later)
    ) as undoing:
        acts.undo(ana.access, first)
    assert undoing.answer is not None
    assert manifests.check(ana.access, sea.collection_id) == 3
    with vault_scope(ana.vault_id):
        done = Act.objects.filter(vault_id=ana.vault_id, state=Act.State.DONE)
        assert not done.exists()


def test_undoing_an_import_while_the_embedder_is_switched(
    ana: Person, second: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switching holds the vault and deletes vectors: undoing must not wait for it with those."""
    job, work, import_id = import_job(ana), ana.collection("Work"), uuid4()
    tell(job, work, "one", import_id)
    indexing.index_next(job, None, 10)
    with vault_scope(ana.vault_id):
        assert Vector.objects.filter(vault_id=ana.vault_id).update(model="of before") == 1

    def switch() -> bool:
        switching.switch(second, BUNDLED)
        return True

    with meanwhile(monkeypatch, turning, "shred", switch) as switched:
        assert bulk.undo_import(job, import_id) == 1
    assert switched.answer
    assert manifests.check(ana.access, work) == 0


def test_a_key_changed_just_then_leaves_new_words_uncompared(
    ana: Person,
    sea: Memory,
    second: Access,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They were written and stay so; nobody is told of a fault."""

    def rotate_and_reseal() -> bool:
        rotation.rotate(second, ana.owner_key, sea.collection_id)
        while rotation.reseal_next(second, sea.collection_id):
            pass
        return rotation.finish(second, sea.collection_id, lambda _: False)

    with (
        caplog.at_level(logging.WARNING),
        meanwhile(monkeypatch, pairs, "find", rotate_and_reseal) as rotating,
    ):
        made = memories.remember(ana.access, sea.collection_id, Draft("The sea is very red."))
    assert rotating.answer
    assert isinstance(made, Memory)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "not compared: KeyChanged" in caplog.text
