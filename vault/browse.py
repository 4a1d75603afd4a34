"""Listing memories page by page, and counting them, for those who may see them."""

import base64
import binascii
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext

from vault import records
from vault.access import Access
from vault.errors import Invalid
from vault.integrity import unreadable
from vault.log import access_log
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.scope import vault_scope
from vault.types import Counts, Page
from vault.visible import Selection, selected_rows, visible_rows

MOST = 100
"""Memories on one page."""


def listing(
    access: Access,
    *,
    kinds: Collection[str] | None = None,
    collections: Collection[UUID] | None = None,
    vendors: Collection[str] | None = None,
    forgotten: bool = False,
    limit: int = 50,
    cursor: str | None = None,
    import_id: UUID | None = None,
    altered: bool = False,
) -> Page:
    """The newest first. None for a filter means any; an empty one matches nothing.

    Forgotten memories are listed for the owner only. NotFound for a collection out of sight,
    Tampered when one was altered; with `altered` the owner is shown that it is there.
    """
    wanted = Selection(
        kinds=kinds,
        collections=collections,
        vendors=vendors,
        import_id=import_id,
        forgotten=forgotten,
    )
    return selected(access, wanted, limit=limit, cursor=cursor, altered=altered)


def selected(
    access: Access,
    wanted: Selection,
    *,
    limit: int = 50,
    cursor: str | None = None,
    altered: bool = False,
) -> Page:
    """A page of what fits, as `listing`."""
    limit = max(1, min(limit, MOST))
    with vault_scope(access.vault_id):
        rows = selected_rows(access, wanted)
        total = rows.count()
        if cursor:
            rows = rows.filter(_after(cursor))
        found = list(rows.order_by("-sorted_at", "-id")[: limit + 1])
        page = found[:limit]
        ids = [row.id for row in page]
        views = unreadable.views if altered else records.views
        opened = views(access, page, sources_of(access, ids))
        access_log.record_reading(access, "listed", ids)
    return Page(tuple(opened), _cursor(page[-1]) if len(found) > limit else None, total)


@dataclass(frozen=True, slots=True)
class Beside:
    """A memory's place in a listing, from 1 of `total`, and its neighbours; None at an end."""

    newer: UUID | None
    older: UUID | None
    place: int
    total: int


def beside(access: Access, wanted: Selection, memory_id: UUID) -> Beside | None:
    """None when it is not, or no longer, among what fits."""
    with vault_scope(access.vault_id):
        rows = selected_rows(access, wanted)
        here = rows.filter(id=memory_id).first()
        if here is None:
            return None
        at, id = here.sorted_at, here.id
        newer = rows.filter(Q(sorted_at__gt=at) | Q(sorted_at=at, id__gt=id))
        older = rows.filter(Q(sorted_at__lt=at) | Q(sorted_at=at, id__lt=id))
        return Beside(
            newer.order_by("sorted_at", "id").values_list("id", flat=True).first(),
            older.order_by("-sorted_at", "-id").values_list("id", flat=True).first(),
            newer.count() + 1,
            rows.count(),
        )


def sources_of(access: Access, memory_ids: Iterable[UUID]) -> list[SourceRow]:
    """Where these memories were seen, the first first. Only for rows that the asker may see."""
    rows = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=list(memory_ids))
    return list(rows.order_by("seen_at", "id"))


def vendors(access: Access) -> dict[str, int]:
    """How many of the kept memories that the asker may see came from where."""
    with vault_scope(access.vault_id):
        kept = visible_rows(access).filter(forgotten_at=None, id=OuterRef("memory_id"))
        seen = SourceRow.objects.filter(Exists(kept), vault_id=access.vault_id)
        found = seen.values("vendor").annotate(n=Count("memory_id", distinct=True)).order_by()
        return {row["vendor"]: row["n"] for row in found}


def counts(access: Access) -> Counts:
    """Numbers of what the asker may see."""
    kept = Q(forgotten_at=None)
    with vault_scope(access.vault_id):
        groups = visible_rows(access).values("kind", "collection_id").order_by()
        found = groups.annotate(  # all in one look through the rows
            n=Count("id", filter=kept),
            forgotten=Count("id", filter=~kept),
            held=Count("id", filter=kept & ~Q(held="")),
            past=Count("id", filter=kept & Q(valid_until__lte=timezone.now())),
        )
        rows = list(found)
    by_kind: Counter[str] = Counter()
    by_collection: Counter[UUID] = Counter()
    for row in rows:
        by_kind[row["kind"]] += row["n"]
        by_collection[row["collection_id"]] += row["n"]
    forgotten, held, past = (
        sum(row[what] for row in rows) for what in ("forgotten", "held", "past")
    )
    # a unary plus leaves out what is 0
    return Counts(by_kind.total(), +by_kind, +by_collection, vendors(access), forgotten, held, past)


def _cursor(row: Row) -> str:
    place = f"{row.sorted_at.isoformat()}|{row.id.hex}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def moment_of(cursor: str) -> datetime:
    """When the memory before this cursor's page happened or came. Invalid unless it is ours."""
    return _place(cursor)[0]


def _after(cursor: str) -> Q:
    when, last = _place(cursor)
    return Q(sorted_at__lt=when) | Q(sorted_at=when, id__lt=last)


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition("|")
        when, last = datetime.fromisoformat(at), UUID(id)
        if when.tzinfo is None:
            raise ValueError
        when = when.astimezone(UTC)  # of zones, the database takes whole minutes only
    except (ValueError, OverflowError, binascii.Error):
        words = gettext("This cursor is not one of ours. Start again without it.")
        raise Invalid(words, "cursor") from None
    return when, last
