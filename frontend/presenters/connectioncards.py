"""A connection as lists and its own page show it; and lists of them, what needs you first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from connectors.base.protocol import Connector
from connectors.base.registry import connectors
from frontend.presenters.connectionstates import Look, Todo, look_of, todo_of
from frontend.words.connectionwords import GROUPS, counted
from frontend.words.runwords import held_back, told
from sync.connections import connections
from sync.connections.connections import Connection
from sync.engine import conflicts
from vault.access import Access
from vault.types import Grant

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_RUN_BY_THEMSELVES = ("active", "failing", "retracting")


@dataclass(frozen=True, slots=True)
class Card:
    """A connection, and what is said of it. `said` and `held` are in the reader's language."""

    connection: Connection
    vendor: str
    connector_name: str
    look: Look
    todo: Todo | None
    undecided: int
    last: list[str]
    said: str
    held: str

    @property
    def next_words(self) -> str:
        """When it runs next, as in "in 25 minutes"."""
        one, at = self.connection, self.connection.next_at
        if one.running:
            return gettext("now")
        if at is None or not one.settings.background or one.state not in _RUN_BY_THEMSELVES:
            by_hand = one.state in ("active", "failing")
            return gettext("when you start it") if by_hand else gettext("not planned")
        return _until(at)

    @property
    def waits(self) -> bool:
        """Whether it goes no further without its owner."""
        return self.look.tone == "stop"


@dataclass(frozen=True, slots=True)
class Group:
    """Cards in like states. `here`: it is what the list is narrowed to."""

    key: str
    words: "StrOrPromise"
    cards: list[Card]
    here: bool = False


def cards(access: Access, given: Sequence[Grant] | None = None) -> list[Card]:
    """Of every connection, the newest first; what is gone comes last. `given`: all grants, listed
    already."""
    waiting = conflicts.waiting_counts(access)
    return [_card(one, waiting.get(one.id, 0)) for one in connections.listing(access, given)]


def card_of(access: Access, one: Connection) -> Card:
    return _card(one, len(conflicts.waiting(access, one.id)))


def groups_of(every: Sequence[Card], wanted: str = "") -> list[Group]:
    """Those that have any, and the one that is wanted; what needs its owner comes first."""
    found = [
        Group(key, words, [card for card in every if card.look.group == key], key == wanted)
        for key, words in GROUPS.items()
    ]
    return [group for group in found if group.cards or group.here]


def _card(one: Connection, undecided: int) -> Card:
    known = connector_of(one.connector)
    last = counted(one.last.counts, preview=one.last.kind == "preview") if one.last else []
    return Card(
        connection=one,
        vendor=vendor_of(one.connector),
        connector_name=known.name if known else one.connector,
        look=look_of(one, known),
        todo=todo_of(one, known),
        undecided=0 if one.state == "gone" else undecided,
        last=last,
        said=told(one.said, known, one.guard),
        held=held_back(one.guard) if one.guard else "",
    )


def connector_of(slug: str) -> type[Connector] | None:
    """None for one that this version does not have (any more)."""
    return connectors().get(slug)


def vendor_of(slug: str) -> str:
    return slug.partition("-")[0]


def _until(at: datetime) -> str:
    minutes = round((at - timezone.now()).total_seconds() / 60)
    if minutes < 1:
        return gettext("within a minute")
    if minutes < 90:
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
