"""What one memory's page shows beside its words: its past, who sees it, its place in a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from frontend.presenters import finding
from frontend.presenters.excerpts import Change, changes
from frontend.presenters.wanted import Wanted
from frontend.templatetags.spans import days
from frontend.words import KIND_NAMES
from vault import browse, memories
from vault.access import Access
from vault.errors import NotFound, Refused
from vault.granting import grants, seen
from vault.text import clean
from vault.types import Grant, Memory, Revision


@dataclass(frozen=True, slots=True)
class Fact:
    """Something beside the words that a change touched, before and after."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier state, and what the change after it did to its words and its facts."""

    revision: Revision
    changes: list[Change]
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it stands in the list that it was opened from: addresses of the list and of its
    neighbours, "" at an end; `number` of `total`, which is None for the best of a search."""

    listing: str
    newer: str
    older: str
    number: int
    total: int


def past(history: list[Revision], now: Memory) -> list[Past]:
    """The history, each state with the change that ended it."""
    newer: Memory | Revision = now
    found = []
    for old in history:
        words = changes(clean(old.text), clean(newer.text))
        found.append(Past(old, words, list(_facts(old, newer))))
        newer = old
    return found


def _facts(old: Revision, new: Memory | Revision) -> Iterator[Fact]:
    if old.kind != new.kind:
        yield Fact(gettext("Kind"), str(KIND_NAMES[old.kind]), str(KIND_NAMES[new.kind]))
    if old.title != new.title:
        none = pgettext("no title", "none")
        yield Fact(gettext("Title"), clean(old.title) or none, clean(new.title) or none)
    if (old.valid_from, old.valid_until) != (new.valid_from, new.valid_until):
        endless = gettext("without end")
        yield Fact(
            pgettext("from and until when", "True"), days(old) or endless, days(new) or endless
        )


def readers(access: Access, now: Memory) -> list[Grant]:
    """The grants that can see this memory today."""
    if now.held or now.forgotten_at is not None:
        return []
    return [grant for grant in grants.listing(access) if _reads(access, grant, now)]


def _reads(access: Access, grant: Grant, now: Memory) -> bool:
    right = grant.rights.get(now.collection_id)
    if grant.state != "active" or right is None or not right.see:
        return False
    if grant.confirmed_only and not now.trusted:
        return False
    return grant.later or _was_there(access, grant, now)


def _was_there(access: Access, grant: Grant, now: Memory) -> bool:
    """For one that is not shown what comes later."""
    try:
        memories.get(seen.seen_by(access, grant.id), now.id)
    except (NotFound, Refused):
        return False
    return True


def place(access: Access, memory_id: UUID, asked: QueryDict) -> Place | None:
    """None when it was not opened from a list, or is not in that list any more."""
    wanted = Wanted.of(asked)
    if asked.get("in") != "list" or wanted.trouble:
        return None
    try:
        return _place(access, memory_id, wanted)
    except NotFound:  # the list is of a collection that was deleted
        return None


def _place(access: Access, memory_id: UUID, wanted: Wanted) -> Place | None:
    if wanted.q and not wanted.forgotten:
        ids = [memory.id for memory in finding.find(access, wanted).memories]
        if memory_id not in ids:
            return None
        at = ids.index(memory_id)
        newer, older = ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None
        return _linked(wanted, newer, older, at + 1, len(ids))
    found = browse.beside(access, wanted.selection(words=False), memory_id)
    if found is None:
        return None
    return _linked(wanted, found.newer, found.older, found.place, found.total)


def _linked(
    wanted: Wanted, newer: UUID | None, older: UUID | None, number: int, total: int
) -> Place:
    def address(memory_id: UUID | None) -> str:
        return reverse("memory", args=[memory_id]) + wanted.within if memory_id else ""

    return Place(wanted.address(), address(newer), address(older), number, total)
