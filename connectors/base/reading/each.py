"""Walks the entries of a list in an export: what is wrong with one costs that one alone."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.reading.copies import Copies
from connectors.base.shape import Json, an_object
from connectors.base.types import Conversation, Item, Unreadable


def each(
    entries: Iterable[Any], place: str, read: Callable[[Any, str], Iterable[Record]]
) -> Iterator[Record]:
    """What `read` makes of each entry and its place, which is `place` and a number. Where it raises
    ItemError, the entry is one Unreadable more."""
    for number, entry in enumerate(entries, 1):
        where = f"{place} {number}"
        if isinstance(entry, Unreadable):
            yield Unreadable(where, entry.reason)
            continue
        try:
            yield from read(entry, where)
        except ItemError as error:
            yield Unreadable(where, str(error))


def each_new(
    entries: Iterable[Any],
    place: str,
    read: Callable[[Json], Item | Conversation | None],
    copies: Copies,
) -> Iterator[Record]:
    """The same for entries that are one object and make one thing; None is nothing to remember. Of
    several copies an older one is passed over."""
    what = place.rsplit(" ", 1)[-1]

    def made(entry: Any, where: str) -> Iterator[Record]:
        found = read(an_object(entry, what))
        if found is not None and copies.is_new(_name(found), found.updated_at):
            yield found

    return each(entries, place, made)


def newest(records: Iterable[Record], copies: Copies) -> Iterator[Record]:
    """`records` without older copies of a conversation."""
    for record in records:
        old = isinstance(record, Conversation) and not copies.is_new(
            record.conversation_id, record.updated_at
        )
        if not old:
            yield record


def _name(found: Item | Conversation) -> str:
    """A conversation and a memory may have the same id."""
    return found.remote_id if isinstance(found, Item) else f"talk\0{found.conversation_id}"
