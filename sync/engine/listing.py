"""The remote's side of a run: what it lists, and what it said of that when both sides agreed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from connectors.base.errors import CursorExpired
from connectors.base.types import Capability, Entry
from sync.engine.bridge import Bridge
from sync.engine.convert import Marks
from sync.engine.links import State
from sync.engine.pairing import Link, Theirs

FULL_EVERY = timedelta(days=1)
"""Also a remote that tells of changes is listed as a whole once a day."""


@dataclass(slots=True)
class Listing:
    """What a remote showed: `entries` by name, None for a tombstone; all of it, or what changed."""

    entries: dict[str, Entry | None]
    cursor: str | None
    complete: bool


def listed(bridge: Bridge, *, resync: bool) -> Listing:
    """What changed there, where the remote tells; else all of it. What is known by its etag is not
    read again where that takes a request each, unless this is to be a `resync`."""
    cursor = None if resync else _cursor(bridge)
    if cursor is not None:
        try:
            return _read(bridge, cursor, {})
        except CursorExpired:
            pass
    return _read(bridge, None, {} if resync else _known(bridge))


def theirs(marks: Marks, listing: Listing, states: Iterable[State]) -> list[Theirs]:
    """What stands there. What was not read, or not told of among changes, is as it was."""
    entries = [entry for entry in listing.entries.values() if entry is not None]
    known = {one.link.remote_id: one for one in states if one.link.remote_id}
    found = [_unread(one, known) if one.unread else marks.theirs(one) for one in entries]
    if listing.complete:
        return found
    silent = (one.link for name, one in known.items() if name not in listing.entries)
    return [*found, *(_as_before(link) for link in silent if link.theirs is not None)]


def _unread(entry: Entry, known: Mapping[str, State]) -> Theirs:
    """As its link has it; if that is another one by now, nobody knows what it says."""
    state = known.get(entry.remote_id)
    if state is not None and state.link.theirs and state.etag == entry.etag:
        return _as_before(state.link)
    return Theirs(entry.remote_id, "", "", entry.key, readable=False)


def _as_before(link: Link) -> Theirs:
    return Theirs(link.remote_id or "", link.theirs or "", link.words, link.key)


def _known(bridge: Bridge) -> dict[str, str]:
    """The etags of entries whose words the links still know, by their names."""
    if not bridge.remote.can(Capability.SPARING):
        return {}
    links = bridge.links.every()
    return {one.link.remote_id: one.etag for one in links if one.link.remote_id and one.link.theirs}


def _read(bridge: Bridge, cursor: str | None, known: Mapping[str, str]) -> Listing:
    found: dict[str, Entry | None] = {}
    last, remote = cursor, bridge.remote
    news = remote.chosen(lambda one: known.get(one.remote_id) != one.etag)
    for page in remote.pages(cursor) if cursor else news:
        bridge.tick()
        for entry in page.entries:
            found[entry.remote_id] = entry if entry.is_there else None
        last = page.cursor or last
    return Listing(found, last, complete=cursor is None)


def _cursor(bridge: Bridge) -> str | None:
    """Where to go on from; None to list everything: the first time, once a day, after a run that
    did not come to its end, and whenever the grant was changed."""
    row = bridge.row
    fresh = row.full_at is not None and timezone.now() - row.full_at < FULL_EVERY
    same = row.grant_version == bridge.access.asker.version
    if not (row.cursor and fresh and same and bridge.remote.can(Capability.DELTA)):
        return None
    return bridge.key.open("cursor", row.id, 0, row.cursor).decode()
