"""A connector as the sync engine sees it: no surprise of a vendor's gets past this file."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from connectors.base.errors import BadResponse, ConnectorError, ItemError, NotFound
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Page

logger = logging.getLogger(__name__)
_SHAPE = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What reading an answer of an unknown shape ends in."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one listing."""

    entries: int = 200_000
    pages: int = 100_000
    characters: int = 128 << 20
    seconds: float = 4 * 3600.0


BOUNDS = Bounds()


class Remote:
    """The same verbs; whatever is wrong comes out as one of `connectors.base.errors`."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    def can(self, capability: Capability) -> bool:
        return capability in self.connector.capabilities

    def check(self) -> Account:
        with self._known_shape(listing=True):
            account = self.connector.check()
        if not (_is_name(account.id) and _is_name(account.label)):
            raise self._unknown()
        return account

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """BadResponse for more than `BOUNDS`: a listing without an end would fill the memory."""
        return self._bounded(lambda: self.connector.pages(cursor), lambda entry: True)

    def chosen(self, wanted: Callable[[Entry], bool]) -> Iterator[Page]:
        """All of it, as `pages`; what is not `wanted` may come unread."""
        if not self.can(Capability.SPARING):
            return self.pages()
        return self._bounded(lambda: self.connector.chosen(wanted), wanted)

    def _bounded(
        self, listing: Callable[[], Iterator[Page]], wanted: Callable[[Entry], bool]
    ) -> Iterator[Page]:
        count = pages = characters = 0
        until = monotonic() + BOUNDS.seconds
        with self._known_shape(listing=True):
            for page in listing():
                for entry in page.entries:
                    self._must_be_sound(entry)
                    if entry.unread and (entry.item or not entry.etag or wanted(entry)):
                        raise self._unknown()
                    characters += len(entry.item.text) if entry.item else 0
                count, pages = count + len(page.entries), pages + 1
                small = count <= BOUNDS.entries and characters <= BOUNDS.characters
                if not small or pages > BOUNDS.pages or monotonic() > until:
                    raise BadResponse(f"{self.connector.name} lists more than can be looked at.")
                yield page

    def create(self, item: Item, key: str) -> Entry | None:
        with self._known_shape():
            entry = self.connector.create(item, key)
        return entry if entry is None else self._written(entry)

    def update(self, entry: Entry, item: Item) -> Entry:
        with self._known_shape():
            return self._written(self.connector.update(entry, item))

    def delete(self, entry: Entry) -> None:
        """Delete `entry`; what is already gone counts as deleted."""
        with suppress(NotFound), self._known_shape():
            self.connector.delete(entry)

    def heard(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a notice is genuine and worth a run. One that cannot be read is not."""
        if not self.can(Capability.NOTICE):
            return False
        try:
            return self.connector.heard(headers, body) is True
        except Exception as error:
            # What it may raise depends on what a stranger sent; his words go into no log.
            name = type(error).__name__
            logger.warning("A notice for %s cannot be read (%s).", self.connector.slug, name)
            return False

    def close(self) -> None:
        self.connector.close()

    def _written(self, entry: Entry) -> Entry:
        self._must_be_sound(entry)
        if entry.item is None:
            raise self._unknown()
        return entry

    def _must_be_sound(self, entry: Entry) -> None:
        item = entry.item
        sound = _is_name(entry.remote_id) and isinstance(entry.etag, str)
        if item is not None:
            sound = sound and bool(entry.etag) and isinstance(item.text, str)
            sound = sound and isinstance(item.title, str) and isinstance(item.kind, str)
            times = (item.created_at, item.updated_at)
            sound = sound and all(time is None or time.tzinfo is not None for time in times)
        if not sound:
            raise self._unknown()

    @contextmanager
    def _known_shape(self, *, listing: bool = False) -> Iterator[None]:
        try:
            yield
        except ItemError as error:
            # Of a listing or an account it says that all of it cannot be had, never that it is so
            # small: NotFound here would look like an emptied remote.
            if listing:
                raise BadResponse(str(error)) from error
            raise
        except ConnectorError:
            raise
        except _SHAPE as error:
            raise self._unknown() from error

    def _unknown(self) -> BadResponse:
        return BadResponse(f"{self.connector.name} answered in a form that is not known.")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 2000 and "\0" not in value
