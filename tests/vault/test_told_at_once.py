"""The same told by two at once, or while it is taken back: nothing doubles, nothing is lost."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.people import Person
from tests.vault.test_key_races import ADD, Other, meanwhile
from vault import bulk, memories, records
from vault.access import Access
from vault.ids import new_id
from vault.integrity import manifests
from vault.keys.jobs import open_job, start_job
from vault.keys.keyring import only
from vault.models import Memory as Row
from vault.models import Source
from vault.reviewing import quarantine
from vault.scope import vault_scope
from vault.types import Draft, Kind, Memory, Outcome, SourceDraft

KINDS: tuple[Kind, ...] = ("fact", "episode")


def counted(person: Person) -> tuple[int, int]:
    """(memories that are kept, sources) in the vault."""
    with vault_scope(person.vault_id):
        kept = Row.objects.filter(vault_id=person.vault_id, forgotten_at=None).exclude(sealed=b"")
        return kept.count(), Source.objects.filter(vault_id=person.vault_id).count()


def notes(person: Person, kind: Kind = "fact") -> Sequence[tuple[UUID, Draft]]:
    sources = [SourceDraft("openai", account="ana", key=f"note {number}") for number in range(3)]
    work = person.collection("Work")
    return [(work, Draft(f"Says {one.key}", kind=kind, source=one)) for one in sources]


def import_job(person: Person) -> Access:
    ring = only(person.access.keyring, [person.collection("Work")])
    with vault_scope(person.vault_id):
        token = start_job(person.access, "import", ring, timedelta(hours=1))
    return open_job(token, "Import")


def tell(access: Access, home: UUID, key: str, import_id: UUID) -> Outcome:
    source = SourceDraft("openai", account="ana", key=key, import_id=import_id)
    return bulk.remember_many(access, [(home, Draft("The sea is red.", source=source))])


def test_two_equal_requests_at_once_make_one_memory(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = ana.collection("Work")

    def say() -> UUID:
        return memories.remember(ana.access, work, Draft("The sea is red.")).id

    with meanwhile(monkeypatch, quarantine, "why_held", say) as other:
        mine = say()
    assert other.answer == mine
    assert counted(ana) == (1, 2)
    assert manifests.check(ana.access, work) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_two_equal_imports_at_once_double_nothing(
    ana: Person, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = notes(ana, kind)
    with meanwhile(
        monkeypatch, quarantine, "new_sources", lambda: bulk.remember_many(ana.access, drafts)
    ) as other:
        mine = bulk.remember_many(ana.access, drafts)
    assert (mine, other.answer) == (Outcome(3, 0, 0), Outcome(0, 3, 0))
    assert counted(ana) == (3, 3)
    assert manifests.check(ana.access, ana.collection("Work")) == 3


def test_what_an_archive_tells_meanwhile_is_known(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restoring one does not wait for its turn: its sources may be there a moment later."""
    (home, draft), *_ = drafts = notes(ana)

    def restore() -> None:
        assert draft.source
        with vault_scope(ana.vault_id):
            key = records.source_key(ana.access, home, draft.source)
            row = Source(vault_id=ana.vault_id, memory_id=new_id(), vendor="openai", key=key)
            row.epoch, row.sealed = 1, b""
            row.seen_at = timezone.now()
            row.save(force_insert=True)

    with meanwhile(monkeypatch, quarantine, "new_sources", restore):
        made = bulk.remember_many(ana.access, drafts)
    assert made == Outcome(written=2, known=1, merged=0)
    assert counted(ana) == (2, 3)
    assert manifests.check(ana.access, home) == 2


def test_what_is_told_again_while_an_import_is_undone_is_kept(ana: Person) -> None:
    job, work = import_job(ana), ana.collection("Work")
    undone, later = uuid4(), uuid4()
    tell(job, work, "one", undone)
    with vault_scope(ana.vault_id):
        assert tell(job, work, "two", later).merged == 1
        undoing = Other(lambda: bulk.undo_import(job, undone))
        undoing.start()
        undoing.join(timeout=1.0)
        assert undoing.is_alive()
    undoing.join(timeout=20)
    assert undoing.answer == 1
    assert counted(ana) == (1, 1)
    assert bulk.undo_import(job, later) == 1
    assert counted(ana) == (0, 0)


def test_what_is_told_while_an_import_is_being_undone_is_kept(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, work = import_job(ana), ana.collection("Work")
    undone = uuid4()
    tell(job, work, "one", undone)
    with meanwhile(monkeypatch, bulk, "_shred", lambda: tell(job, work, "two", uuid4())) as telling:
        assert bulk.undo_import(job, undone) == 1
    assert telling.answer == Outcome(written=1, known=0, merged=0)
    assert counted(ana) == (1, 1)


def test_what_is_confirmed_while_an_import_is_undone_is_kept(ana: Person) -> None:
    """Confirming it does not wait for its turn: undoing waits for the memory."""
    job, work, undone = import_job(ana), ana.collection("Work"), uuid4()
    tell(job, work, "one", undone)
    (made,) = memories.listing(ana.access).memories
    with vault_scope(ana.vault_id):
        memories.revise(ana.access, made.id, pinned=True)
        undoing = Other(lambda: bulk.undo_import(job, undone))
        undoing.start()
        undoing.join(timeout=1.0)
    undoing.join(timeout=20)
    assert undoing.answer == 1
    assert counted(ana) == (1, 0)


def test_words_that_are_held_and_told_again_are_not_a_second_memory(ana: Person) -> None:
    app = ana.grantee(new=True, Work=ADD)
    work = ana.collection("Work")
    first, again = (memories.remember(app, work, Draft("Likes tea.")) for _ in range(2))
    assert isinstance(first, Memory)
    assert isinstance(again, Memory)
    assert (first.id, first.held) == (again.id, again.held)
    assert again.held == quarantine.NEW_SOURCE
    assert counted(ana)[0] == 1


def test_what_is_held_of_another_app_is_not_told(ana: Person) -> None:
    work = ana.collection("Work")
    apps = [ana.grantee(new=True, Work=ADD) for _ in range(2)]
    first, second = (memories.remember(app, work, Draft("Likes tea.")) for app in apps)
    assert first.id != second.id
    assert counted(ana)[0] == 2
