"""How a memory came out of others: what was merged into it, or it into; what it was split into."""

from uuid import UUID

from vault import records
from vault.access import Access
from vault.acting.act_records import parts_of, undoable
from vault.browse import sources_of
from vault.models import Act, ActPart
from vault.scope import vault_scope
from vault.types import Memory, Related, Relation
from vault.visible import visible_row, visible_rows


def relations(access: Access, memory_id: UUID) -> list[Relation]:
    """The merges and splits of the last 30 days that hold, the latest first. Owner only."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id)
        mine = undoable(access).filter(state=Act.State.DONE)
        parts = ActPart.objects.filter(vault_id=access.vault_id, memory_id=row.id)
        about = mine.filter(memory_id=row.id)
        within = mine.filter(id__in=list(parts.values_list("act_id", flat=True)))
        found = [_took(access, act) for act in about] + [_went(access, act) for act in within]
    return sorted(found, key=lambda relation: relation.at, reverse=True)


def _took(access: Access, act: Act) -> Relation:
    ids = [part.memory_id for part in parts_of(access, act) if part.memory_id]
    what: Related = "merged" if act.verb == "merge" else "split"
    there = _memories(access, ids)
    return Relation(act.id, what, act.made_at, there, len(ids) - len(there))


def _went(access: Access, act: Act) -> Relation:
    ids = [act.memory_id] if act.memory_id else []
    what: Related = "merged into" if act.verb == "merge" else "split from"
    there = _memories(access, ids)
    return Relation(act.id, what, act.made_at, there, len(ids) - len(there))


def _memories(access: Access, ids: list[UUID]) -> tuple[Memory, ...]:
    rows = list(visible_rows(access).filter(id__in=ids).order_by("sorted_at", "id"))
    return tuple(records.views(access, rows, sources_of(access, [row.id for row in rows])))
