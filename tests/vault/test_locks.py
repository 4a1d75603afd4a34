"""Two at once, each holding what the other wants next: nobody is turned away for it."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.people import Person
from tests.vault.test_key_races import Other, meanwhile, opened, unlock
from tests.vault.test_merging import last_act, remember
from tests.vault.test_told_at_once import import_job, tell
from vault import bulk, collections, feed, memories
from vault.access import Access
from vault.acting import act_records, acts, keepers, merging
from vault.embedding import indexing, switching, turning
from vault.errors import NotFound
from vault.granting import grants
from vault.integrity import checkup, manifests, remaking
from vault.keys import rotation
from vault.keys.epochs import epochs
from vault.log import access_log
from vault.models import Act, ActPart, Suggestion, Vector
from vault.models import Memory as Row
from vault.reviewing import pairs, suggestions
from vault.scope import vault_scope
from vault.search.choice import BUNDLED
from vault.types import Draft, Memory, Outcome, Right, SourceDraft
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


def test_an_altered_memory_is_forgotten_while_its_collection_is_taken_as_it_is(
    ana: Person, sea: Memory, second: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgetting holds the memory and waits for the vault: whoever holds that must not want it."""
    with vault_scope(ana.vault_id):
        Row.objects.filter(vault_id=ana.vault_id, id=sea.id).update(pinned=True)
    seen = checkup.setup(ana.access, sea.collection_id).seen
    with meanwhile(
        monkeypatch, remaking, "remake", lambda: memories.forget(second, sea.id)
    ) as forgetting:
        checkup.accept(ana.access, sea.collection_id, seen)
    assert isinstance(forgetting.answer, Memory)
    assert manifests.check(ana.access, sea.collection_id) == 0


def test_taking_in_many_letters_while_one_of_them_is_said_already(
    ana: Person, second: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter may lock a memory that says the same: not while the vault is held for another."""
    work = ana.collection("Work")
    said = remember(ana, "The bees are dear.", "Work")
    blind = ana.grantee(Work=Right(add="yes"))
    for text in ("The moon is far.", "The bees are dear."):
        memories.remember(blind, work, Draft(text))
    revising = Other(lambda: memories.revise(second, said.id, pinned=True))
    real, calls = suggestions._carry_out, []

    def slowly(access: Access, row: Suggestion) -> Memory:
        calls.append(row.id)
        done = real(access, row)
        if len(calls) == 1:
            revising.start()
            revising.join(timeout=1.0)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(suggestions, "_carry_out", slowly)
        assert suggestions.take_in(ana.access) == 2
    revising.join(timeout=20)
    assert isinstance(revising.answer, Memory)
    assert len(calls) == 2
    now = memories.get(ana.access, said.id)
    assert now.pinned
    assert len(now.sources) == 2
    assert manifests.check(ana.access, work) == 2


def test_everything_is_taken_back_while_a_feed_is_read(
    ana: Person, sea: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed holds what it told and waits for the log: whoever writes that must not want it."""
    apps = [ana.grantee(Personal=Right(see=True)) for _ in range(2)]
    last = max(apps, key=lambda app: app.asker.id)
    first = feed.since(last)
    memories.forget(ana.access, sea.id)
    other = remember(ana, "The moon is far.")
    reading = Other(lambda: feed.since(last, first.cursor))
    real, lines = access_log.record_if_possible, []

    def slowly(access: Access, action: str, purpose: str = "") -> bool:
        done = real(access, action, purpose)
        lines.append(action)
        if len(lines) == 1:
            reading.start()
            reading.join(timeout=1.0)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(access_log, "record_if_possible", slowly)
        gone = grants.revoke_all(ana.access)
    reading.join(timeout=20)
    assert [grant.state for grant in gone] == ["revoked", "revoked"]
    assert all(grant.logged for grant in gone)
    assert {change.id for change in reading.answer.changes} == {sea.id, other.id}
    access_log.verify(ana.access)


def test_what_stands_for_a_memory_does_not_move_while_it_gets_a_source(
    ana: Person, sea: Memory, merged: Memory, second: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told again, what was merged away: its source goes to the memory that stayed."""
    draft = Draft(merged.text, source=SourceDraft("openai", key="again"))
    travel = ana.collection("Travel")
    with meanwhile(
        monkeypatch, keepers, "came_later", lambda: memories.move(second, sea.id, travel)
    ) as moving:
        bulk.remember_many(ana.access, [(sea.collection_id, draft)])
    assert isinstance(moving.answer, Memory)
    now = memories.get(ana.access, sea.id)
    assert now.collection_id == travel
    assert len(now.sources) == 3


def test_acts_of_long_ago_are_not_waited_for_by_who_holds_memories(
    ana: Person, sea: Memory, merged: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told again what was merged away long ago holds that merge, and waits for the memory."""
    other = remember(ana, "The sea is quite red.")
    with vault_scope(ana.vault_id):
        acts_of = Act.objects.filter(vault_id=ana.vault_id)
        parts = {part.id: act_records.said_by(ana.access, act, part) for act, part in _parts(ana)}
        acts_of.update(made_at=timezone.now() - timedelta(days=31))
        for act, part in _parts(ana):
            act_records.rewrite(ana.access, act, part, parts[part.id])
    draft = Draft(merged.text, source=SourceDraft("openai", key="again"))

    def told() -> Outcome:
        return bulk.remember_many(ana.access, [(sea.collection_id, draft)])

    with meanwhile(monkeypatch, merging, "new_act", told) as telling:
        merging.merge(ana.access, sea.id, [other.id])
    assert telling.answer == Outcome(merged=1)
    assert manifests.check(ana.access, sea.collection_id) == 1


def _parts(person: Person) -> list[tuple[Act, ActPart]]:
    found = {act.id: act for act in Act.objects.filter(vault_id=person.vault_id)}
    rows = ActPart.objects.filter(vault_id=person.vault_id)
    return [(found[part.act_id], part) for part in rows]
