"""Listing memories page by page, and counting them, for those who may see them."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vault import access_log, records
from vault.access import Access
from vault.errors import Invalid
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.scope import vault_scope
from vault.types import Counts, Page

MOST = 100
"""Memories on one page."""


def listing(
    access: Access,
    *,
    kinds: Iterable[str] | None = None,
    collections: Iterable[UUID] | None = None,
    vendors: Iterable[str] | None = None,
    forgotten: bool = False,
    limit: int = 50,
    cursor: str | None = None,
    import_id: UUID | None = None,
) -> Page:
    """The newest first. None for a filter means any; an empty one matches nothing.

    Forgotten memories are listed for the owner only. NotFound for a collection out of sight.
    """
    if forgotten:
        access.must_own()
    limit = max(1, min(limit, MOST))
    wanted = access.narrowed(None if collections is None else set(collections))
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, collection_id__in=wanted)
        rows = rows.filter(forgotten_at__isnull=not forgotten).exclude(sealed=b"")
        if kinds is not None:
            rows = rows.filter(kind__in=list(kinds))
        if vendors is not None:
            rows = rows.filter(Exists(_sources_of_row(access).filter(vendor__in=list(vendors))))
        if import_id is not None:
            rows = rows.filter(Exists(_sources_of_row(access).filter(import_id=import_id)))
        total = rows.count()
        if cursor:
            rows = rows.filter(_after(cursor))
        found = list(rows.order_by("-sorted_at", "-id")[: limit + 1])
        page = found[:limit]
        ids = [row.id for row in page]
        sources = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=ids)
        opened = records.views(access, page, sources.order_by("seen_at", "id"))
        access_log.record_reading(access, "listed", ids)
    return Page(tuple(opened), _cursor(page[-1]) if len(found) > limit else None, total)


def counts(access: Access) -> Counts:
    """Numbers of what the asker may see."""
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
        mine = mine.exclude(sealed=b"")
        kept = mine.filter(forgotten_at=None)
        groups = list(kept.values("kind", "collection_id").annotate(n=Count("id")).order_by())
        seen = SourceRow.objects.filter(
            Exists(kept.filter(id=OuterRef("memory_id"))), vault_id=access.vault_id
        )
        vendors = seen.values("vendor").annotate(n=Count("memory_id", distinct=True)).order_by()
        by_vendor = {row["vendor"]: row["n"] for row in vendors}
        forgotten = mine.exclude(forgotten_at=None).count() if access.is_owner else 0
    by_kind: dict[str, int] = {}
    by_collection: dict[UUID, int] = {}
    for group in groups:
        by_kind[group["kind"]] = by_kind.get(group["kind"], 0) + group["n"]
        home = group["collection_id"]
        by_collection[home] = by_collection.get(home, 0) + group["n"]
    return Counts(sum(by_kind.values()), by_kind, by_collection, by_vendor, forgotten)


def _sources_of_row(access: Access) -> QuerySet[SourceRow]:
    return SourceRow.objects.filter(vault_id=access.vault_id, memory_id=OuterRef("id"))


def _cursor(row: Row) -> str:
    place = f"{row.sorted_at.isoformat()}|{row.id.hex}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _after(cursor: str) -> Q:
    try:
        at, _, id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition("|")
        when, last = datetime.fromisoformat(at), UUID(id)
        if when.tzinfo is None:
            raise ValueError
    except (ValueError, binascii.Error):
        raise Invalid("This cursor is not one of ours. Start again without it.", "cursor") from None
    return Q(sorted_at__lt=when) | Q(sorted_at=when, id__lt=last)
