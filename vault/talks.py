"""Conversations as the vault keeps them: which there are, how long they are, and their turns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from vault import records
from vault.access import Access
from vault.browse import sources_of
from vault.models import Memory as Row
from vault.models import Source
from vault.scope import vault_scope
from vault.types import Memory
from vault.visible import visible_rows

_SAMPLE = 200
AT_ONCE = 400
"""Turns that are opened together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations are meant. `since`: those that went on at that time or later; `until`:
    only turns that were in the vault by then. None means any."""

    collections: Collection[UUID]
    vendor: str = ""
    since: datetime | None = None
    import_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in a collection: its turns are at positions `first` to `last`."""

    collection_id: UUID
    conversation: UUID
    turns: int
    first: int
    last: int
    newest: datetime


def listing(access: Access, wanted: Wanted) -> list[Talk]:
    """The newest first. Of each only the turns count that nobody holds back or forgot."""
    with vault_scope(access.vault_id):
        groups = _rows(access, wanted).values("collection_id", "conversation")
        found = groups.annotate(
            turns=Count("id"), first=Min("position"), last=Max("position"), newest=Max("sorted_at")
        ).order_by("-newest", "conversation")
        found = found.filter(newest__gte=wanted.since) if wanted.since else found
        return [_talk(group) for group in found]


def sample(access: Access, wanted: Wanted) -> list[Memory]:
    """Some of their turns, the same each time."""
    with vault_scope(access.vault_id):
        rows = list(_rows(access, wanted).order_by("digest")[:_SAMPLE])
        return records.views(access, rows)


def turns(
    access: Access,
    wanted: Wanted,
    talk: Talk,
    after: int = -1,
    most: int = AT_ONCE,
    but: Collection[UUID] = (),
) -> list[Memory]:
    """Its turns at positions beyond `after`, in order, opened, with where they were seen, without
    those in `but`. Those at one position (branches) come together; where they alone are more than
    `most`, one more than that comes, and there may be others."""
    with vault_scope(access.vault_id):
        rows = _rows(access, wanted).filter(
            collection_id=talk.collection_id, conversation=talk.conversation, position__gt=after
        )
        rows = rows.exclude(id__in=list(but)) if but else rows
        found = list(rows.order_by("position", "id")[: most + 1])
        if len(found) > most:
            last = found[-1].position
            found = [row for row in found if row.position < last] or found
        return records.views(access, found, sources_of(access, [row.id for row in found]))


def cited(access: Access, memory_ids: Sequence[UUID]) -> list[Memory]:
    """Those of these turns that are still there, in the order of the conversation."""
    with vault_scope(access.vault_id):
        rows = visible_rows(access).filter(id__in=list(memory_ids), forgotten_at=None)
        found = list(rows.filter(kind="episode").order_by("conversation", "position", "id"))
        return records.views(access, found, sources_of(access, [row.id for row in found]))


def _talk(group: Mapping[str, Any]) -> Talk:
    return Talk(**group)


def _rows(access: Access, wanted: Wanted) -> QuerySet[Row]:
    """Turns alone: no memory of another kind, and nothing that an app wrote, which may have it from
    here."""
    homes = access.narrowed(set(wanted.collections))
    rows = visible_rows(access).filter(collection_id__in=homes, kind="episode", held="")
    rows = rows.filter(forgotten_at=None, conversation__isnull=False)
    mine = Source.objects.filter(vault_id=access.vault_id, memory_id=OuterRef("id"))
    rows = rows.exclude(Exists(mine.filter(vendor="app")))
    if wanted.until:
        rows = rows.filter(created_at__lte=wanted.until)
    if wanted.vendor:
        rows = rows.filter(Exists(mine.filter(vendor=wanted.vendor)))
    if wanted.import_id:
        rows = rows.filter(Exists(mine.filter(import_id=wanted.import_id)))
    return rows
