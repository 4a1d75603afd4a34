"""The face of a vendor that speaks to its live memory API: three things to read, three to write."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import httpx

from connectors.base.types import Account, Capability, Entry, Item, Page, Room


class Connector(ABC):
    """One memory API. Everything it needs is in `options` and `http`; it keeps nothing.

    A file `remote.py`, or `remote_<what>.py` where a vendor has several, holds one. `http` comes
    with time limits, a limit of what it reads, and a watch on where it may connect.
    """

    slug: ClassVar[str]
    """The vendor's, with "-<what>" where it has several."""
    name: ClassVar[str]
    """What people call it."""
    docs_url: ClassVar[str]
    capabilities: ClassVar[Capability] = Capability(0)
    room: ClassVar[Room] = Room()
    quirks: ClassVar[tuple[str, ...]] = ()
    """Sentences for the person: what this remote cannot do, or does in its own way."""
    per_minute: ClassVar[int] = 120
    """At most so many requests a minute are sent for one account."""
    reaches: ClassVar[Literal["network", "machine"]] = "network"
    """A "machine" one opens files or starts programs where the server runs: it is offered only
    where whoever runs the server allows it."""
    extra: ClassVar[str] = ""
    """The optional extra of this package whose libraries it needs."""
    Options: ClassVar[type]

    def __init__(self, options: Any, http: httpx.Client) -> None:
        self.options = options
        self.http = http

    @abstractmethod
    def check(self) -> Account:
        """Prove that the credentials work, and say whose they are."""

    @abstractmethod
    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """Everything there is; with DELTA and a cursor, all since then. Raises rather than ends
        early; CursorExpired when the cursor is of no use any more."""

    def chosen(self, wanted: Callable[[Entry], bool]) -> Iterator[Page]:
        """Everything there is, as `pages`; but an entry that is not `wanted`, as its name, etag and
        key tell, comes `unread` and takes no request. With SPARING only."""
        raise NotImplementedError

    def create(self, item: Item, key: str) -> Entry | None:
        """Write `item`. None: accepted, and a later listing will show it.

        `key` is the same whenever the same write is tried again (at most 64 letters, digits and
        hyphens): hand it over as idempotency key, or keep it with the entry, wherever the remote
        has a place for it.
        """
        raise NotImplementedError

    def update(self, entry: Entry, item: Item) -> Entry:
        """Replace `entry`, the state last seen. The answer may carry another remote_id. With DELTA
        or SPARING its name, etag and key may be all that is known of it, here and in `delete`.

        PreconditionFailed when the remote says that it changed meanwhile, NotFound when it is gone.
        """
        raise NotImplementedError

    def delete(self, entry: Entry) -> None:
        """Delete `entry`. NotFound is fine: the engine takes it for done."""
        raise NotImplementedError

    def heard(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a notice that came in is genuine and worth a run. With NOTICE only."""
        raise NotImplementedError

    def close(self) -> None:  # noqa: B027  (most have nothing to close)
        """End what was opened: a program, a checkout. Called once, also after an error."""
