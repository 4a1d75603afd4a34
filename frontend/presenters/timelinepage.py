"""What the timeline asks for, and its days: what came then, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from vault import browse, timeline
from vault.access import Access
from vault.timeline import Change
from vault.types import Memory
from vault.visible import Selection

ROWS = 40
TALK = "episode"
_KEPT_KINDS = ("profile", "preference", "fact", "instruction", "skill", "event", "document")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. `year` is shown month by month; the list begins at the end of
    `month` (its first day), or of the year. What cannot be is left out."""

    source: str = ""
    collection: UUID | None = None
    talks: bool = False
    year: int | None = None
    month: date | None = None
    cursor: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        month = _month(query.get("month", ""))
        year = _year(query.get("year", "")) if month is None else month.year
        return cls(
            source=query.get("source", "").replace("\0", ""),
            collection=_uuid(query.get("collection", "")),
            talks=query.get("talks") == "yes",
            year=year,
            month=month,
            cursor=query.get("cursor", ""),
        )

    def address(self) -> str:
        """The shortest address that asks for this."""
        parts = {
            "source": self.source,
            "collection": str(self.collection or ""),
            "talks": "yes" if self.talks else "",
            "year": str(self.year) if self.year and not self.month else "",
            "month": f"{self.month:%Y-%m}" if self.month else "",
            "cursor": self.cursor,
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return reverse("timeline") + (f"?{query}" if query else "")

    @property
    def whole(self) -> str:
        return replace(self, year=None, month=None, cursor="").address()

    @property
    def with_talks(self) -> str:
        return replace(self, talks=True, cursor="").address()

    @property
    def narrowed(self) -> bool:
        return bool(self.source or self.collection)

    @property
    def until(self) -> datetime | None:
        """The moment that the list goes back from."""
        if self.month:
            return _start(next_month(self.month))
        return _start(date(self.year + 1, 1, 1)) if self.year else None

    def selection(self, before: datetime | None = None) -> Selection:
        return Selection(
            kinds=None if self.talks else _KEPT_KINDS,
            collections=[self.collection] if self.collection else None,
            vendors=[self.source] if self.source else None,
            before=before,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """What came on one day or happened then, and what was changed on it."""

    day: date
    memories: tuple[Memory, ...]
    changes: tuple[tuple[Change, Memory | None], ...]


@dataclass(frozen=True, slots=True)
class Days:
    days: tuple[Day, ...]
    older: str
    more_changes: bool
    total: int


def days(access: Access, wanted: Wanted) -> Days:
    """A page of memories by day, with the changes since its first day, up to where the page before
    began. Invalid for a cursor that is not one of ours."""
    page = browse.selected(
        access,
        wanted.selection(wanted.until),
        limit=ROWS,
        cursor=wanted.cursor or None,
        altered=True,
    )
    newest = _start(browse.moment_of(wanted.cursor).date()) if wanted.cursor else wanted.until
    oldest = _start(page.memories[-1].when.date()) if page.memories and page.cursor else _EVER
    found = timeline.changes(access, oldest, newest or _tomorrow(), wanted.selection())
    named = _named(access, [one.memory_id for one in found.found if one.memory_id])
    groups: defaultdict[date, tuple[list[Memory], list[tuple[Change, Memory | None]]]]
    groups = defaultdict(lambda: ([], []))
    for memory in page.memories:
        groups[memory.when.date()][0].append(memory)
    for change in found.found:
        known = named.get(change.memory_id) if change.memory_id else None
        groups[change.at.date()][1].append((change, known))
    in_order = sorted(groups.items(), reverse=True)
    return Days(
        tuple(Day(day, tuple(came), tuple(changed)) for day, (came, changed) in in_order),
        replace(wanted, cursor=page.cursor).address() if page.cursor else "",
        found.more,
        page.total,
    )


_EVER = datetime(1, 1, 1, tzinfo=UTC)


def _named(access: Access, ids: Iterable[UUID]) -> dict[UUID, Memory]:
    some = list(dict.fromkeys(ids))[: browse.MOST]
    if not some:
        return {}
    page = browse.selected(access, Selection(ids=some), limit=len(some), altered=True)
    return {one.id: one for one in page.memories}


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _tomorrow() -> datetime:
    return _start(datetime.now(UTC).date() + timedelta(days=1))


def _year(text: str) -> int | None:
    fits = text.isdecimal() and text.isascii() and len(text) == 4 and 1 <= int(text) <= 9998
    return int(text) if fits else None


def _month(text: str) -> date | None:
    year, _, month = text.partition("-")
    found = _year(year)
    fits = month.isdecimal() and month.isascii() and len(month) == 2 and 1 <= int(month) <= 12
    return date(found, int(month), 1) if found and fits else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
