"""A remote in this process that takes its time: each request costs a latency."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Page


@dataclass(frozen=True)
class Options:
    pass


class SlowRemote(Connector):
    """Holds its entries on the class: one of its own is made for each bench."""

    slug, name, docs_url = "slow", "Slow", "https://example.org"
    Options = Options
    latency: ClassVar[float]
    per_page: ClassVar[int]
    entries: ClassVar[dict[str, Entry]]
    changes: ClassVar[list[str]]
    requests: ClassVar[int]
    forgetful: ClassVar[bool]

    @classmethod
    def fill(cls, texts: Iterable[str]) -> None:
        for text in texts:
            cls._keep(Entry(f"t{len(cls.changes)}", "1", Item(text)))

    def check(self) -> Account:
        self._request()
        return Account("bench", "Bench")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        names = list(dict.fromkeys(self.changes[int(cursor or 0) :]))
        for start in range(0, max(len(names), 1), self.per_page):
            self._request()
            page = [self.entries[name] for name in names[start : start + self.per_page]]
            yield Page(page, str(len(self.changes)))

    def create(self, item: Item, key: str) -> Entry:
        self._request()
        kept = Item(item.text) if self.forgetful else item
        entry = Entry(f"o{len(self.changes)}", "1", kept, "" if self.forgetful else key)
        self._keep(entry)
        return entry

    def update(self, entry: Entry, item: Item) -> Entry:
        self._request()
        new = replace(entry, etag=str(int(entry.etag) + 1), item=item)
        self._keep(new)
        return new

    def delete(self, entry: Entry) -> None:
        self._request()
        self.entries.pop(entry.remote_id, None)

    @classmethod
    def _keep(cls, entry: Entry) -> None:
        cls.entries[entry.remote_id] = entry
        cls.changes.append(entry.remote_id)

    @classmethod
    def _request(cls) -> None:
        cls.requests += 1
        time.sleep(cls.latency)


def make(kind: str, latency: float, per_page: int) -> type[SlowRemote]:
    """ "telling" knows what changed since a cursor; "forgetful" keeps words alone."""
    delta = Capability.DELTA if kind == "telling" else Capability(0)
    fields = {
        "capabilities": Capability.WRITE | delta,
        "latency": latency,
        "per_page": per_page,
        "entries": {},
        "changes": [],
        "requests": 0,
        "forgetful": kind == "forgetful",
    }
    return type("SlowRemote", (SlowRemote,), fields)
