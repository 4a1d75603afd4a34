"""Where a memory that was merged away went: the merges on its way, and what stands for it today."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from vault.access import Access
from vault.acting.act_records import rewrite, said_by
from vault.models import Act, ActPart
from vault.models import Memory as Row
from vault.models import Source as SourceRow

_Locked = TypeVar("_Locked", Act, Row)


def way(access: Access, memory_id: UUID) -> list[tuple[Act, ActPart]]:
    """How it was merged away: by which merge, then by which its keeper was, to the end."""
    found: dict[UUID, tuple[Act, ActPart]] = {}
    here: UUID | None = memory_id
    while here is not None:
        mine = ActPart.objects.filter(vault_id=access.vault_id, memory_id=here, done=True)
        parts = {part.act_id: part for part in mine}
        merges = merges_of(access, list(parts))
        if not merges or merges[0].id in found:
            break
        found[merges[0].id] = (merges[0], parts[merges[0].id])
        here = merges[0].memory_id
    return list(found.values())


def merges_of(access: Access, act_ids: Sequence[UUID]) -> list[Act]:
    """Of these acts, the merges that hold today, the latest first."""
    acts = Act.objects.filter(vault_id=access.vault_id, id__in=list(act_ids))
    return list(acts.filter(verb="merge", state=Act.State.DONE).order_by("-made_at"))


def hold(access: Access, memory_ids: Sequence[UUID]) -> None:
    """Before these are restored: lock the merges that took them away, then them and what has their
    sources now, as undoing a merge does it. Within a scope, before any of them is locked."""
    parts = ActPart.objects.filter(vault_id=access.vault_id, memory_id__in=memory_ids, done=True)
    merges = merges_of(access, list(parts.values_list("act_id", flat=True)))
    keepers = {act.memory_id for act in merges if act.memory_id}
    later = {act.id: act for id in keepers for act, _ in way(access, id)}
    acts = later | {act.id: act for act in merges}
    if acts:
        _locked(Act.objects.filter(vault_id=access.vault_id, id__in=acts))
        ids = {*memory_ids, *(act.memory_id for act in acts.values() if act.memory_id)}
        _locked(Row.objects.filter(vault_id=access.vault_id, id__in=ids))


def stand_ins(access: Access, rows: Sequence[Row]) -> dict[UUID, Row]:
    """For each of these what stands for it today: what it was merged into, however often that was
    merged again; else itself. Within a scope.

    They and what stands for them are locked until the transaction ends, their merges first, as
    undoing does it.
    """
    wanted = {row.id for row in rows}
    while wanted:
        with transaction.atomic():
            acts = _led_away(access, wanted)
            _locked(Act.objects.filter(vault_id=access.vault_id, id__in=acts))
            ids = wanted | {act.memory_id for act in acts.values() if act.memory_id}
            held = _locked(Row.objects.filter(vault_id=access.vault_id, id__in=ids))
            if _led_away(access, wanted).keys() == acts.keys():
                return _ends(access, wanted, {row.id: row for row in held})
            # One was merged meanwhile: let go of all, and lock them with that merge, in order.
            transaction.set_rollback(True)
    return {}


def _led_away(access: Access, memory_ids: Iterable[UUID]) -> dict[UUID, Act]:
    """The merges by which these went away, and then what they went into."""
    rows = Row.objects.filter(vault_id=access.vault_id, id__in=memory_ids)
    gone = rows.exclude(forgotten_at=None).values_list("id", flat=True)
    return {act.id: act for id in gone for act, _ in way(access, id)}


def _ends(access: Access, wanted: Iterable[UUID], held: dict[UUID, Row]) -> dict[UUID, Row]:
    """For each that is there, the end of its way; itself, where that is out of sight."""
    found = {}
    for id in held.keys() & wanted:
        gone = way(access, id) if held[id].forgotten_at is not None else []
        end = held.get(gone[-1][0].memory_id or id) if gone else None
        seen = end is not None and end.sealed and end.collection_id in access.visible
        found[id] = end if end is not None and seen else held[id]
    return found


def came_later(access: Access, row: Row, source: SourceRow) -> None:
    """Note that this source says the words of a memory merged away: it goes back with them."""
    for act, part in way(access, row.id):
        said = said_by(access, act, part)
        rewrite(access, act, part, said | {"sources": [*said["sources"], source.id.hex]})


def _locked(rows: QuerySet[_Locked]) -> list[_Locked]:
    """In one order for everybody."""
    return list(rows.order_by("id").select_for_update())
