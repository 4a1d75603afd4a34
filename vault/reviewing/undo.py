"""Undo by source: take back what a grant brought, for 30 days restorably."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vault import records
from vault.access import Access
from vault.acting import acts
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.scope import vault_scope
from vault.types import Act
from vault.visible import Selection, visible_rows


@dataclass(frozen=True, slots=True)
class Brought:
    """What a grant brought and is there today: what would be taken back (so many of it held), and
    what would stay, since the owner confirmed it or it was seen elsewhere too."""

    taken: int
    held: int
    confirmed: int
    elsewhere: int

    @property
    def total(self) -> int:
        return self.taken + self.confirmed + self.elsewhere


def brought(access: Access, grant_id: UUID) -> Brought:
    """The counts, before anything is done. Owner only."""
    access.must_own()
    alone = Q(other=False)
    with vault_scope(access.vault_id):
        rows = _rows(access, grant_id).annotate(other=_elsewhere(access, grant_id))
        found = rows.aggregate(
            taken=Count("id", filter=alone & Q(trusted=False)),
            held=Count("id", filter=alone & Q(trusted=False) & ~Q(held="")),
            confirmed=Count("id", filter=alone & Q(trusted=True)),
            elsewhere=Count("id", filter=Q(other=True)),
        )
    return Brought(**found)


def take_back(access: Access, grant_id: UUID, *, seconds: float = 5.0) -> Act:
    """Forget what it brought. What was seen elsewhere too, or confirmed by hand since, stays.

    Goes on for so long; `acts.go_on` does the rest, `acts.undo` undoes all of it. Invalid when
    there is nothing to take back.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        rows = _rows(access, grant_id).filter(~_elsewhere(access, grant_id))
        taken = rows.filter(trusted=False)
        ids = list(taken.values_list("id", flat=True)[: acts.MOST])
        records.must_be_brought_so(access, list(_mine(access, grant_id).filter(memory_id__in=ids)))
    act = acts.begin(access, "forget", Selection(ids=ids))
    return acts.go_on(access, act.id, seconds=seconds)


def _rows(access: Access, grant_id: UUID) -> QuerySet[Row]:
    rows = visible_rows(access).filter(forgotten_at=None)
    return rows.filter(id__in=_mine(access, grant_id).values("memory_id"))


def _mine(access: Access, grant_id: UUID) -> QuerySet[SourceRow]:
    return SourceRow.objects.filter(vault_id=access.vault_id, grant_id=grant_id)


def _elsewhere(access: Access, grant_id: UUID) -> Exists:
    """Whether the memory has a source that is not this grant."""
    others = SourceRow.objects.filter(vault_id=access.vault_id, memory_id=OuterRef("id"))
    return Exists(others.exclude(grant_id=grant_id))
