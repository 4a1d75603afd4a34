"""What was learnt when, from whom: counts by month and source, and the changes of some days.

Times and vendors are plain columns, so no text is opened to count.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncMonth

from vault.access import Access
from vault.models import Act, Memory, Revision, Source
from vault.scope import vault_scope
from vault.visible import Selection, selected_rows, visible_rows

MOST = 100
"""Changes of one stretch that are told one by one."""

What = Literal["revised", "forgotten", "moved"]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many memories of one source are of the month that begins with `month`."""

    month: date
    vendor: str
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """What became of memories: `by` changed one, or the owner forgot one or moved `count` of them
    to a collection."""

    what: What
    at: datetime
    memory_id: UUID | None = None
    by: str = ""
    revision: int = 0
    count: int = 1
    collection_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The latest first; `more` when these are not all."""

    found: tuple[Change, ...]
    more: bool


def months(access: Access, wanted: Selection) -> list[Counted]:
    """Every month that has something, the first first. A memory counts for its first source, or
    for the one that is asked for."""
    with vault_scope(access.vault_id):
        rows = selected_rows(access, wanted)
        if wanted.vendors is not None and len(wanted.vendors) == 1:
            (vendor,) = wanted.vendors
            rows = rows.annotate(first=Value(vendor))
        else:
            rows = _by_source(access, rows)
        month = TruncMonth("sorted_at", tzinfo=UTC)
        groups = rows.annotate(month=month).values("month", "first").annotate(n=Count("id"))
        found = list(groups.order_by("month", "first"))
    return [Counted(row["month"].date(), row["first"], row["n"]) for row in found]


def changes(access: Access, after: datetime, before: datetime, wanted: Selection) -> Changes:
    """What was changed from `after` until before `before`, of memories that fit; the owner's."""
    access.must_own()
    with vault_scope(access.vault_id):
        fitting = _fitting(access, wanted)
        spans = {"changed_at__gte": after, "changed_at__lt": before}
        revised = Revision.objects.filter(
            vault_id=access.vault_id, memory_id__in=fitting.values("id"), **spans
        )
        found = [_revised(row) for row in revised.order_by("-changed_at")[: MOST + 1]]
        gone = fitting.filter(forgotten_at__gte=after, forgotten_at__lt=before)
        found += [
            Change("forgotten", at, id)
            for id, at in gone.order_by("-forgotten_at").values_list("id", "forgotten_at")[
                : MOST + 1
            ]
            if at is not None
        ]
        if wanted.vendors is None and wanted.collections is None:
            found += _moves(access, after, before)
    found.sort(key=lambda change: change.at, reverse=True)
    return Changes(tuple(found[:MOST]), len(found) > MOST)


def _by_source(access: Access, rows: QuerySet[Memory]) -> QuerySet[Memory]:
    seen = Source.objects.filter(vault_id=access.vault_id, memory_id=OuterRef("id"))
    first = seen.order_by("seen_at", "id").values("vendor")[:1]
    annotated: QuerySet[Memory] = rows.annotate(first=Coalesce(Subquery(first), Value("you")))
    return annotated


def _fitting(access: Access, wanted: Selection) -> QuerySet[Memory]:
    """Kept or forgotten: what is gone was changed before."""
    rows = visible_rows(access)
    if wanted.collections is not None:
        rows = rows.filter(collection_id__in=access.narrowed(set(wanted.collections)))
    if wanted.vendors is not None:
        seen = Source.objects.filter(vault_id=access.vault_id, vendor__in=list(wanted.vendors))
        rows = rows.filter(id__in=seen.values("memory_id"))
    if wanted.kinds is not None:
        rows = rows.filter(kind__in=list(wanted.kinds))
    return rows


def _revised(row: Revision) -> Change:
    return Change("revised", row.changed_at, row.memory_id, row.changed_by, row.revision)


def _moves(access: Access, after: datetime, before: datetime) -> list[Change]:
    acts = Act.objects.filter(vault_id=access.vault_id, verb="move", state=Act.State.DONE)
    done = acts.filter(made_at__gte=after, made_at__lt=before, changed__gt=0)
    return [
        Change("moved", act.made_at, count=act.changed, collection_id=UUID(act.param))
        for act in done.order_by("-made_at")[: MOST + 1]
    ]
