"""The owner's word on a pair: one of the two stays, one is over, both hold, or it was no pair."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault import memories
from vault.access import Access
from vault.acting import merging
from vault.errors import NotFound
from vault.models import Act, ActPart
from vault.models import Memory as MemoryRow
from vault.models import Pair as Row
from vault.reviewing import pairs
from vault.scope import vault_scope
from vault.types import Memory

State = Row.State


def dismiss(access: Access, pair_id: UUID, *, at: datetime | None = None) -> None:
    """They are two, or both hold: never asked about again, also when they are found again.

    `at`, here and below: when it is said to be settled, for what is settled with others at once.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        _end(access, pair_id, State.DISMISSED, at)


def keep(
    access: Access,
    pair_id: UUID,
    memory_id: UUID,
    *,
    text: str | None = None,
    at: datetime | None = None,
) -> Memory:
    """One stands for both: it gets the other's sources, and the other is forgotten. With `text`
    it says that from now on."""
    pair = pairs.get(access, pair_id)
    other = pair.other(memory_id)
    with vault_scope(access.vault_id):
        _end(access, pair_id, State.SETTLED, at)
        merging.merge(access, memory_id, [other.id], text=text)
    return memories.get(access, memory_id)


def holds(access: Access, pair_id: UUID, memory_id: UUID, *, at: datetime | None = None) -> Memory:
    """One holds now: the other was true until the newer of the two came. Answers the other."""
    pair = pairs.get(access, pair_id)
    other = pair.other(memory_id)
    until = _until(other, max(pair.first.when, pair.second.when))
    with vault_scope(access.vault_id):
        _end(access, pair_id, State.SETTLED, at)
        memories.revise(access, other.id, valid_until=until)
    return memories.get(access, other.id)


def forget(access: Access, pair_id: UUID, memory_id: UUID) -> Memory:
    """One of the two was never right. It can be restored for 30 days. Answers the other."""
    pair = pairs.get(access, pair_id)
    other = pair.other(memory_id)
    with vault_scope(access.vault_id):
        _end(access, pair_id, State.SETTLED)
        memories.forget(access, memory_id)
    return other


def reopen(access: Access, pair_id: UUID) -> None:
    """Take back what was said about a pair, and what that did: it waits again.

    NotFound when what was forgotten for it is destroyed by now.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, pair_id)
        settled_at, was = row.settled_at, row.state
        if was == State.OPEN or settled_at is None:
            return
        row.state, row.settled_at = State.OPEN, None
        row.save(update_fields=["state", "settled_at"])
        if was == State.SETTLED and not _unmerged(access, row, settled_at):
            for memory_id in (row.first_id, row.second_id):
                _take_back(access, memory_id, settled_at)


def _unmerged(access: Access, row: Row, since: datetime) -> bool:
    """Whether settling it was a merge of the two, which is then taken back; of others it was none,
    also of one of them with a third."""
    both = {row.first_id, row.second_id}
    merges = Act.objects.filter(vault_id=access.vault_id, verb="merge", state=Act.State.DONE)
    merges = merges.filter(memory_id__in=both, total=1, made_at__gte=since)
    away = ActPart.objects.filter(vault_id=access.vault_id, memory_id__in=both)
    act = merges.filter(id__in=away.values("act_id")).order_by("made_at").first()
    if act is not None:
        merging.unmerge(access, act.id)
    return act is not None


def _take_back(access: Access, memory_id: UUID, since: datetime) -> None:
    """Undo what settling did to one of the two; nothing, where it did nothing to it."""
    mine = MemoryRow.objects.filter(vault_id=access.vault_id, id=memory_id)
    row = mine.filter(collection_id__in=access.visible).first()
    if row is None or not row.sealed:
        raise NotFound(gettext("One of the two memories is destroyed by now and cannot come back."))
    if row.forgotten_at is not None and row.forgotten_at >= since:
        memories.restore(access, memory_id)
    elif row.valid_until is not None and row.updated_at >= since:
        before = memories.history(access, memory_id)[0]
        memories.revise(access, memory_id, valid_until=before.valid_until)


def _until(memory: Memory, moment: datetime) -> datetime:
    """When it ended to be true: then, if it had begun by then and that is not to come."""
    now = timezone.now()
    began = memory.valid_from
    return moment if moment <= now and (began is None or began < moment) else now


def _end(access: Access, pair_id: UUID, state: Row.State, at: datetime | None = None) -> None:
    row = _row(access, pair_id)
    if row.state != State.OPEN:
        raise NotFound(gettext("This pair is no longer waiting."))
    row.state, row.settled_at = state, at or timezone.now()
    row.save(update_fields=["state", "settled_at"])


def _row(access: Access, pair_id: UUID) -> Row:
    mine = Row.objects.filter(vault_id=access.vault_id, id=pair_id)
    row = mine.select_for_update().first()
    if row is None:
        raise NotFound(gettext("This pair is no longer waiting."))
    return row
