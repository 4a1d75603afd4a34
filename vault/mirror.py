"""What a connection must know to keep a remote in step: what it may send, and what became of the
rest. Nothing here is for showing: what is held back is answered for comparing only."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from vault import bulk, records
from vault.access import Access
from vault.models import Memory as Row
from vault.models import Vault
from vault.scope import vault_scope
from vault.types import Draft, Memory
from vault.visible import visible_rows

Whereabouts = Literal["held", "hidden", "gone"]
"""Waits, or is no longer true: as if nothing had changed. Out of this grant's sight: to be taken
back. Forgotten."""


def newest(access: Access) -> int:
    """The number of the vault's last change. Read it before anything else: whoever sees a change
    sees all before it."""
    with vault_scope(access.vault_id):
        return Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)


def changed(access: Access, since: int) -> set[UUID]:
    """Memories of the vault that changed after that number, whether or not they are in sight."""
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, seq__gt=since)
        return set(rows.values_list("id", flat=True))


def sendable(
    access: Access, kinds: Collection[str], ids: Collection[UUID] | None = None
) -> list[Memory]:
    """Memories in sight, of these kinds, that are true now; all, or those among `ids`."""
    with vault_scope(access.vault_id):
        rows = _true_now(visible_rows(access).filter(forgotten_at=None, held=""))
        rows = rows.filter(kind__in=list(kinds))
        if ids is not None:
            rows = rows.filter(id__in=list(ids))
        return records.views(access, rows.order_by("id").iterator(2000))


def whereabouts(
    access: Access, kinds: Collection[str], ids: Iterable[UUID]
) -> dict[UUID, Whereabouts]:
    """What became of memories that are not (any more) among the sendable."""
    wanted = set(ids)
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=wanted)
        rows = rows.filter(forgotten_at=None).exclude(sealed=b"")
        there = {row[0]: row[1:] for row in rows.values_list("id", "kind")}
        # What waits is in nobody's sight for now: it would be in this one's by what else is said.
        mine = visible_rows(access).filter(id__in=wanted)
        seen = set(mine.values_list("id", flat=True))
        waits = rows.exclude(held="").filter(collection_id__in=access.visible)
        seen |= set(waits.values_list("id", flat=True))
    found: dict[UUID, Whereabouts] = {}
    for one in wanted:
        kind = there.get(one, ("",))[0]
        home = one in there
        found[one] = "gone" if not home else "held" if one in seen and kind in kinds else "hidden"
    return found


def still(access: Access, memory: Memory) -> bool:
    """Whether this is in sight as it was read: neither changed, moved nor forgotten since."""
    with vault_scope(access.vault_id):
        rows = visible_rows(access).filter(id=memory.id, revision=memory.revision)
        rows = rows.filter(collection_id=memory.collection_id, forgotten_at=None, held="")
        return rows.exists()


def remember_each(access: Access, drafts: Sequence[tuple[UUID, Draft]]) -> list[UUID | None]:
    """Remember all of them, as an import does, and answer which memory each became: a new one, one
    that says the same, or one told by the same source before, even when that was forgotten.

    Each draft has a source with a key.
    """
    with vault_scope(access.vault_id):
        bulk.remember_many(access, drafts)
        return bulk.homes(access, [draft for _, draft in drafts])


def states(access: Access, ids: Collection[UUID]) -> dict[UUID, Memory]:
    """Memories as they are stored now, also those held back from this grant; none that is gone."""
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=list(ids))
        rows = rows.filter(collection_id__in=access.visible, forgotten_at=None)
        return {one.id: one for one in records.views(access, rows.exclude(sealed=b""))}


def _true_now(rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.filter(Q(valid_until=None) | Q(valid_until__gt=timezone.now()))


__all__ = [
    "Whereabouts",
    "changed",
    "newest",
    "remember_each",
    "sendable",
    "states",
    "still",
    "whereabouts",
]
