"""A remote in memory that keeps to the contract and to nothing else: it lies, repeats, moves.

    world = World(Capability.WRITE | Capability.DELTA, Temper(holds=True, keeps_keys=False))
    world.write("Likes tea")                       # as its own user does, behind our back
    remote = connected(world)                      # as the engine talks to it
    monkeypatch.setitem(connectors(), "hostile", connector_of(world))

`world.fuse` is called before and after every call from outside and may do anything: raise `Crash`,
change the world in the middle of a listing, fail.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

import httpx

from connectors.base.errors import NotFound, PreconditionFailed, Rejected, Unavailable
from connectors.base.live.options import secret
from connectors.base.live.remote import Remote
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page
from tests.connectors.hostile_world import NASTY, Call, Crash, Held, Temper, When, World

__all__ = [
    "NASTY",
    "Crash",
    "Held",
    "HostileRemote",
    "Temper",
    "When",
    "World",
    "connected",
    "connector_of",
]


class HostileRemote(Connector):
    """Its `world` is bound to a class of its own by `connector_of`."""

    slug = "hostile"
    name = "A hostile remote"
    docs_url = "https://example.org/hostile"
    world: ClassVar[World]

    @dataclass(frozen=True)
    class Options:
        token: str = secret("Token", default="open-sesame")

    def check(self) -> Account:
        with _Call(self.world, "check"):
            return self.world.account

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        world, temper = self.world, self.world.temper
        delta = Capability.DELTA in self.capabilities
        if temper.restates:
            world.restate()
        mark = world.cursor if delta else None
        ids = world.changed_since(cursor) if delta and cursor else list(world.entries)
        chunks = _chunks(_listed(ids, temper), temper.page_size)
        for number, chunk in enumerate(chunks, 1):
            with _Call(world, "page"):
                if temper.dies_after is not None and number > temper.dies_after:
                    raise Unavailable("It went away in the middle.")
                found = [world.entry(one) for one in chunk if cursor or one in world.entries]
            yield Page(found, mark if number == len(chunks) else None)

    def chosen(self, wanted: Callable[[Entry], bool]) -> Iterator[Page]:
        """What cannot be shown says so all the same."""
        for page in self.pages():
            yield Page([self._chosen(entry, wanted) for entry in page.entries])

    def _chosen(self, entry: Entry, wanted: Callable[[Entry], bool]) -> Entry:
        unread = Entry(entry.remote_id, entry.etag, None, entry.key, unread=True)
        return entry if entry.unreadable or wanted(unread) else unread

    def create(self, item: Item, key: str) -> Entry | None:
        world, temper = self.world, self.world.temper
        with _Call(world, "create"):
            held = self._kept(item, key if temper.keeps_keys else "")
            known = self._known(held.key)
            if known is not None:
                return world.entry(known) if known else None
            if temper.holds:
                world.pending.append(held)
                return None
            return world.entry(world.put(held))

    def update(self, entry: Entry, item: Item) -> Entry:
        world, remote_id = self.world, entry.remote_id
        with _Call(world, "update"):
            held = world.entries.get(remote_id)
            if held is None:
                raise NotFound("It is gone.")
            if world.temper.checks_etags and not world.is_current(entry):
                raise PreconditionFailed("It changed meanwhile.")
            kept = self._kept(item, held.key)
            world.edit(remote_id, kept.text)
            world.entries[remote_id] = replace(kept, version=held.version + 1)
            return world.entry(world.move(remote_id) if world.temper.moves else remote_id)

    def delete(self, entry: Entry) -> None:
        with _Call(self.world, "delete"):
            if entry.remote_id not in self.world.entries:
                raise NotFound("It is gone.")
            self.world.remove(entry.remote_id)

    def close(self) -> None:
        self.world.closed += 1

    def _kept(self, item: Item, key: str) -> Held:
        temper = self.world.temper
        if temper.longest is not None and len(item.text) > temper.longest:
            raise Rejected(f"It takes {temper.longest} characters at most.")
        if temper.refuses and temper.refuses in item.text:
            raise Rejected("It does not take this.")
        kind: Kind = "fact" if "kind" in temper.drops else item.kind
        title = "" if "title" in temper.drops else item.title
        return Held(temper.rewrites(item.text), kind, title, key)

    def _known(self, key: str) -> str | None:
        """The id of the entry with this key, "" while it is pending; None: there is none."""
        if not key or not self.world.temper.idempotent:
            return None
        if any(held.key == key for held in self.world.pending):
            return ""
        entries = self.world.entries.items()
        return next((remote_id for remote_id, held in entries if held.key == key), None)


class _Call:
    """One call from outside, with what was planned before and after it."""

    def __init__(self, world: World, call: Call) -> None:
        self._world, self._call = world, call

    def __enter__(self) -> None:
        self._world.called("before", self._call)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._world.called("after", self._call)


def connector_of(world: World) -> type[HostileRemote]:
    """The class to put into the registry."""
    return type("Hostile", (HostileRemote,), {"world": world, "capabilities": world.capabilities})


def connected(world: World) -> Remote:
    """As the engine sees it."""
    made = connector_of(world)
    return Remote(made(made.Options(), httpx.Client()))


def _listed(ids: list[str], temper: Temper) -> list[str]:
    if temper.empty:
        return []
    if temper.shuffled is not None:
        Random(temper.shuffled).shuffle(ids)
        temper.shuffled += 1
    return [one for one in ids for _ in range(2 if temper.twice else 1)]


def _chunks(ids: list[str], size: int) -> list[list[str]]:
    """At least one, for an empty listing is a page too."""
    return [ids[at : at + size] for at in range(0, len(ids), size)] or [[]]
