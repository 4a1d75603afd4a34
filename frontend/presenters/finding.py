"""What the page of memories shows: a page of what fits, or the best of a search, and its chips."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext

from frontend.presenters.wanted import Wanted
from frontend.words import KIND_NAMES
from frontend.words.findingwords import FOUND_BY, LEARNT_WORDS, STATE_WORDS
from frontend.words.sources import look_of
from vault import browse
from vault.access import Access
from vault.recalling import recall
from vault.types import Hit, Memory

ROWS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page of memories. `total` is None for a search, which answers the best, not all."""

    memories: list[Memory]
    total: int | None
    older: str = ""
    why: dict[UUID, str] | None = None
    marks: dict[UUID, str] | None = None
    degraded: bool = False
    only_close: bool = False
    """A search that found no word, only what is near in meaning."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: what it is, its value (`data`: somebody's own words, or a name), and
    the address without it."""

    name: str
    value: str
    data: bool
    without: str


def find(access: Access, wanted: Wanted) -> Found:
    """A search when there are words to search for, else the listing."""
    if wanted.q and not wanted.forgotten:
        return _search(access, wanted)
    asked = wanted.selection(words=False)
    page = browse.selected(access, asked, limit=ROWS, cursor=wanted.cursor or None, altered=True)
    older = wanted.address(page.cursor) if page.cursor else ""
    return Found(list(page.memories), page.total, older)


def chips(wanted: Wanted, names: Mapping[UUID, str]) -> list[Chip]:
    """Of every filter that is set, in the order in which the page offers them."""
    return [Chip(*_said(wanted, part, names), wanted.without(part)) for part in wanted.filters()]


def _said(wanted: Wanted, part: str, names: Mapping[UUID, str]) -> tuple[str, str, bool]:
    match part:
        case "collection":
            name = names.get(wanted.collection) if wanted.collection else None
            gone = gettext("one that is not there any more")
            return gettext("Collection"), name or gone, bool(name)
        case "kind":
            return gettext("Kind"), str(KIND_NAMES[wanted.kind]), False
        case "source":
            return gettext("Source"), str(look_of(wanted.source).name), True
        case "state":
            return gettext("Show"), str(STATE_WORDS[wanted.state]), False
        case "import":
            return gettext("Import"), gettext("of one import only"), False
    return gettext("Learnt"), _learnt(wanted), False


def _learnt(wanted: Wanted) -> str:
    if wanted.learnt != "days":
        return str(LEARNT_WORDS[wanted.learnt])
    if wanted.trouble:
        return gettext("not a day")
    first, last = (
        day and date_format(day, "DATE_FORMAT") for day in (wanted.first_day, wanted.last_day)
    )
    if first and last:
        return gettext("%(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return gettext("since %(day)s") % {"day": first}
    return gettext("until %(day)s") % {"day": last}


def _search(access: Access, wanted: Wanted) -> Found:
    sifted = wanted.source or wanted.state or wanted.import_id or wanted.learnt
    hits = recall.search(
        access,
        wanted.q,
        limit=ROWS,
        kinds=[wanted.kind] if wanted.kind else None,
        collections=[wanted.collection] if wanted.collection else None,
        prefix=True,
        among=wanted.selection(words=False) if sifted else None,
    )
    why = {hit.memory.id: _found_by(hit) for hit in hits}
    only_close = bool(hits) and not any("words" in hit.why for hit in hits)
    marks = {hit.memory.id: _marks(hit, wanted.q) for hit in hits}
    found = [hit.memory for hit in hits]
    return Found(found, None, "", why, marks, hits.degraded, only_close)


def _found_by(hit: Hit) -> str:
    return str(FOUND_BY.get(tuple(way for way in ("words", "meaning") if way in hit.why), ""))


def _marks(hit: Hit, query: str) -> str:
    """The words to mark in it: of a word that goes on after what was typed, only that."""
    typed = sorted(query.casefold().split(), key=len, reverse=True)
    return " ".join(
        next((word for word in typed if matched.startswith(word)), matched)
        for matched in hit.matched
    )
