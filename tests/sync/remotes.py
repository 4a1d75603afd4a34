"""Connections to remotes in memory, for driving the engine: everything else is real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx

from connectors.base.errors import NotFound
from connectors.base.live.options import setting
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Page
from sync import outbox
from sync.connections import connections, runs
from sync.connections.connections import Connection, Settings
from sync.engine import bridge
from sync.models import Run
from tests.people import Person, let_something_in
from vault.granting import connecting
from vault.types import Right

SYNCED = Right(see=True, add="yes")


@dataclass(frozen=True)
class Options:
    place: str = setting("Place")


@dataclass
class Place:
    """What a remote holds: text by id, with how often each was changed."""

    entries: dict[str, tuple[Item, int, str]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    calls: list[str] = field(default_factory=list)
    error: Exception | None = None
    account: str = "ana"

    def put(self, text: str, remote_id: str | None = None, **more: Any) -> str:
        name = remote_id or f"m{next(self.numbers)}"
        version = self.entries[name][1] + 1 if name in self.entries else 1
        self.entries[name] = (Item(text, **more), version, "")
        return name

    def texts(self) -> list[str]:
        return sorted(item.text for item, _, _ in self.entries.values())


class Shelf(Connector):
    """A well-behaved remote; `places` are those there are, by name."""

    slug, name, docs_url = "shelf", "Shelf", "https://example.org"
    capabilities = Capability.WRITE
    Options = Options
    places: dict[str, Place] = {}

    @property
    def place(self) -> Place:
        place = self.places[self.options.place]
        if place.error:
            raise place.error
        return place

    def check(self) -> Account:
        return Account(f"{self.options.place}:{self.place.account}", self.place.account)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page([self._entry(name) for name in self.place.entries])

    def create(self, item: Item, key: str) -> Entry:
        self.place.calls.append("create")
        name = f"m{next(self.place.numbers)}"
        self.place.entries[name] = (item, 1, key)
        return self._entry(name)

    def update(self, entry: Entry, item: Item) -> Entry:
        self.place.calls.append("update")
        if entry.remote_id not in self.place.entries:
            raise NotFound("It is gone.")
        _, version, key = self.place.entries[entry.remote_id]
        self.place.entries[entry.remote_id] = (item, version + 1, key)
        return self._entry(entry.remote_id)

    def delete(self, entry: Entry) -> None:
        self.place.calls.append("delete")
        self.place.entries.pop(entry.remote_id, None)

    def _entry(self, name: str) -> Entry:
        item, version, key = self.place.entries[name]
        return Entry(name, str(version), item, key)


def nowhere(connector: type[Connector]) -> httpx.BaseTransport:
    return httpx.MockTransport(lambda request: httpx.Response(500))


@contextmanager
def shelves(*names: str) -> Iterator[dict[str, Place]]:
    """Places with these names, and the connector that reaches them."""
    Shelf.places = {name: Place() for name in names}
    with only({"shelf": Shelf}):
        yield Shelf.places


@contextmanager
def only(known: dict[str, type[Connector]]) -> Iterator[None]:
    """These connectors and no others, in this process alone: a worker that may be running does not
    know them, so nothing is left for it."""
    with (
        patch.object(bridge, "connectors", lambda: known),
        patch.object(outbox, "leave", lambda *args, **more: True),
    ):
        yield


def connected(
    person: Person,
    place: str,
    rights: dict[str, Right] | None = None,
    *,
    into: str | None = "Personal",
    new: bool = False,
    **settings: Any,
) -> Connection:
    """A connection that runs unattended, to this place. Its owner has let something of it in
    before, unless it is to be `new`."""
    wanted = {person.collection(c): r for c, r in (rights or {"Personal": SYNCED}).items()}
    made = connections.add(
        person.access,
        person.owner_key,
        "shelf",
        {"place": place},
        name=place,
        rights=wanted,
        settings=Settings(
            into_id=person.collection(into) if into else None,
            **{"background": True, **settings},
        ),
        account=connections.try_out("shelf", {"place": place}, nowhere),
    )
    if not new:
        let_something_in(person.vault_id, made.grant)
    return made


def run(person: Person, connection: Connection | UUID, **more: Any) -> Run:
    """One run, here and now."""
    id = connection if isinstance(connection, UUID) else connection.id
    record = runs.run(person.vault_id, id, transport=nowhere, **more)
    assert record is not None, "nothing opened it, or another worker was at it"
    return record


__all__ = [
    "SYNCED",
    "Place",
    "Shelf",
    "connected",
    "connecting",
    "nowhere",
    "only",
    "run",
    "shelves",
]
