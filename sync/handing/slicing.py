"""The slice of a vault that its owner takes along: chosen, ordered and opened.

Memories that do not open any more, or are more than fit anywhere, are counted, not passed over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from connectors.base.handoff import Held, Slice, Takes
from connectors.base.types import Conversation, Item, Role, Turn
from sync.handing.importance import rank
from vault import browse, collections, records
from vault.access import Access
from vault.errors import Tampered
from vault.models import Memory as Row
from vault.scope import vault_scope
from vault.types import Memory
from vault.visible import Selection, selected_rows

MOST = 20_000
"""Memories of one hand-off: no form that exists takes more, and all are in memory at once."""
_PORTION = 400
_TALK = "episode"
_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes along. Nothing ticked is nothing. `since`: only what is from then or later.
    `past`: also what is no longer true. `options` are the hand-off's own choices."""

    collections: frozenset[UUID]
    kinds: frozenset[str]
    confirmed_only: bool = False
    past: bool = False
    since: datetime | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "collections": sorted(one.hex for one in self.collections),
            "kinds": sorted(self.kinds),
            "confirmed_only": self.confirmed_only,
            "past": self.past,
            "since": self.since.isoformat() if self.since else None,
            "options": dict(self.options),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Wanted":
        since = said["since"]
        return cls(
            frozenset(UUID(one) for one in said["collections"]),
            frozenset(said["kinds"]),
            confirmed_only=said["confirmed_only"],
            past=said["past"],
            since=datetime.fromisoformat(since) if since else None,
            options=said["options"],
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice, and how many fitted the choice but are not in it."""

    slice: Slice
    unreadable: int = 0
    too_many: int = 0


def cut(access: Access, wanted: Wanted, takes: Takes) -> Cut:
    """What of it a hand-off takes: memories, conversations, or both. Of both, what was said in a
    conversation goes along with that, and only once."""
    if takes == "memories":
        return memories(access, wanted)
    talks: Iterable[Conversation] = conversations(access, wanted) if _TALK in wanted.kinds else ()
    if takes == "conversations":
        return Cut(Slice((), timezone.now(), talks, options=wanted.options))
    rest = memories(access, wanted, alone=True)
    return replace(rest, slice=replace(rest.slice, conversations=talks))


def memories(access: Access, wanted: Wanted, *, alone: bool = False) -> Cut:
    """Everything chosen, the most important first; `alone`: without what was said in conversations.
    NotFound for a collection out of sight."""
    access.must_own()
    names = {one.id: one.name for one in collections.listing(access)}
    with vault_scope(access.vault_id):
        fields = ("id", "pinned", "trusted", "kind", "sorted_at")
        rows = _rows(access, wanted)
        rows = rows.exclude(kind=_TALK, conversation__isnull=False) if alone else rows
        found = sorted(rows.values_list(*fields, named=True), key=rank)
        chosen = [row.id for row in found[:MOST]]
        opened = list(_opened(access, chosen))
    held = [_held(one, names) for one in opened]
    slice = Slice(held, timezone.now(), options=wanted.options)
    return Cut(slice, len(chosen) - len(held), len(found) - len(chosen))


def conversations(access: Access, wanted: Wanted) -> Iterable[Conversation]:
    """Whole conversations, as they were last seen. They are opened while they are read."""
    access.must_own()
    return _Talks(access, wanted)


class _Talks:
    """The conversations of a slice. Each reading of them opens them anew."""

    def __init__(self, access: Access, wanted: Wanted) -> None:
        self._access, self._wanted = access, wanted

    def __iter__(self) -> Iterator[Conversation]:
        with vault_scope(self._access.vault_id):
            rows = _rows(self._access, self._wanted).filter(kind=_TALK)
            ordered = rows.order_by("conversation").values_list("conversation", flat=True)
            ids = [id for id in ordered.distinct() if id is not None]
        for portion in _portions(ids, 50):
            yield from self._some(portion)

    def _some(self, ids: Sequence[UUID]) -> list[Conversation]:
        with vault_scope(self._access.vault_id):
            rows = _rows(self._access, self._wanted)
            rows = rows.filter(kind=_TALK, conversation__in=ids)
            order = rows.order_by("conversation", "position", "id")
            opened = _opened(self._access, list(order.values_list("id", flat=True)))
            # What branched off goes without its beginning: only the thread last seen is whole.
            last_seen = [one for one in opened if one.branch == 0]
        grouped = groupby(last_seen, lambda one: one.conversation)
        return [_talk(id, list(turns)) for id, turns in grouped]


def _rows(access: Access, wanted: Wanted) -> QuerySet[Row]:
    chosen = Selection(
        collections=wanted.collections,
        kinds=wanted.kinds,
        held=False,
        past=None if wanted.past else False,
    )
    rows = selected_rows(access, chosen)
    rows = rows.filter(trusted=True) if wanted.confirmed_only else rows
    return rows.filter(sorted_at__gte=wanted.since) if wanted.since else rows


def _opened(access: Access, ids: Sequence[UUID]) -> Iterator[Memory]:
    """In the order of `ids`, without those that were altered."""
    for portion in _portions(ids, _PORTION):
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=portion)
        by_id = {row.id: row for row in rows}
        yield from _readable(access, [by_id[id] for id in portion if id in by_id])


def _portions(ids: Sequence[UUID], size: int) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while portion := list(islice(rest, size)):
        yield portion


def _readable(access: Access, rows: Sequence[Row]) -> Iterator[Memory]:
    seen: dict[UUID, list[Any]] = {}
    for source in browse.sources_of(access, [row.id for row in rows]):
        seen.setdefault(source.memory_id, []).append(source)
    for row in rows:
        try:
            yield records.view(access, row, seen.get(row.id, ()))
        except Tampered:
            continue  # counted by who asked: the checkup says which and why


def _held(memory: Memory, names: Mapping[UUID, str]) -> Held:
    first = memory.sources[0] if memory.sources else None
    item = Item(
        memory.text,
        memory.kind,
        title=memory.title,
        created_at=memory.when,
        updated_at=memory.updated_at if memory.revision > 1 else None,
        conversation_id=first.conversation_id if first else "",
        message_id=first.message_id if first else "",
        valid_from=memory.valid_from,
        valid_until=memory.valid_until,
        pinned=memory.pinned,
    )
    return Held(
        memory.id.hex,
        item,
        collection=names.get(memory.collection_id, ""),
        origin=first.vendor if first else "",
        confirmed=memory.trusted,
        role=memory.role,
        speaker=memory.speaker,
        position=memory.position,
        branch=memory.branch,
    )


def _talk(id: str, turns: Sequence[Memory]) -> Conversation:
    said = tuple(_turn(one) for one in turns if one.role in _ROLES)
    times = [one.when for one in turns]
    return Conversation(
        id,
        turns[0].title,
        said,
        created_at=min(times),
        updated_at=max(times),
    )


def _turn(memory: Memory) -> Turn:
    return Turn(
        memory.id.hex,
        _ROLES[memory.role],
        memory.text,
        position=memory.position,
        branch=memory.branch,
        created_at=memory.occurred_at,
        speaker=memory.speaker,
    )
