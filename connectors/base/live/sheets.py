"""Memories as small text files, for remotes that keep files and find passages in them.

Such a remote is a sink: what is in a file can hardly be edited there, and some give back only what
their parser made of it. So the name of a file says whose it is and what it must say:

    satchel.<kind>.<digest of title and text, to the letter and without white space>.<key>.txt
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from connectors.base.errors import ItemError, NotFound, PreconditionFailed
from connectors.base.kinds import kind_of
from connectors.base.live.rest import RestConnector
from connectors.base.types import Capability, Entry, Item, Page

_NAME = re.compile(r"satchel\.([a-z]+)\.([0-9a-f]{32})\.([A-Za-z0-9-]{1,64})\.txt")
_AT_ONCE = 50
_FOREIGN = "This file was not written by Satchel, so it is left alone."
_ALTERED = "What comes back of this file is not what was written into it, so it is left alone."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of the remote. `trouble` says in a sentence why it cannot be read, if so."""

    id: str
    name: str
    created_at: datetime | None = None
    trouble: str = ""

    @property
    def is_ours(self) -> bool:
        return _NAME.fullmatch(self.name) is not None

    @property
    def etag(self) -> str:
        """The part of the name that says what is in it; files of others are never compared."""
        found = _NAME.fullmatch(self.name)
        return f"{found[1]}.{found[2]}" if found else "foreign"

    @property
    def key(self) -> str:
        found = _NAME.fullmatch(self.name)
        return found[3] if found else ""


class SheetConnector(RestConnector):
    """Subclasses say how files are listed, looked at, read, stored and removed."""

    capabilities = Capability.WRITE | Capability.SPARING

    @abstractmethod
    def sheets(self) -> Iterator[list[Sheet]]:
        """Every file, page by page, the oldest first where that can be asked for."""

    @abstractmethod
    def sheet(self, remote_id: str) -> Sheet:
        """The file as it is now; NotFound when it is gone."""

    @abstractmethod
    def read(self, sheet: Sheet) -> str:
        """The text in one of our files."""

    @abstractmethod
    def store(self, name: str, text: str) -> Sheet:
        """Write a new file. When it fails, nothing stays behind."""

    @abstractmethod
    def remove(self, remote_id: str) -> None:
        """Remove the file and all that was made of it. NotFound is fine."""

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        return self.chosen(lambda entry: True)

    def chosen(self, wanted: Callable[[Entry], bool]) -> Iterator[Page]:
        """All names first, which takes moments: reading them all may take minutes, in which
        files that go would shift others across the pages."""
        found = {sheet.id: sheet for page in self.sheets() for sheet in page}
        sheets = list(found.values())
        for start in range(0, len(sheets), _AT_ONCE) or [0]:
            read = (self._entry(sheet, wanted) for sheet in sheets[start : start + _AT_ONCE])
            yield Page([entry for entry in read if entry])

    def create(self, item: Item, key: str) -> Entry | None:
        return self._put(item, key)

    def update(self, entry: Entry, item: Item) -> Entry:
        """Files do not change: the old one goes first, then the new one comes. Between the two it
        is missing for a moment, which the next run repairs; the other way round there might be
        two of it."""
        key = self._as_seen(entry).key
        self.remove(entry.remote_id)
        return self._put(item, key)

    def delete(self, entry: Entry) -> None:
        with suppress(NotFound):  # what was made of it may still be there
            self._as_seen(entry)
        self.remove(entry.remote_id)

    def _put(self, item: Item, key: str) -> Entry:
        sheet = self.store(name_of(item, key), written(item))
        return _entry_of(sheet, replace(_kept(item), created_at=sheet.created_at))

    def _as_seen(self, entry: Entry) -> Sheet:
        sheet = self.sheet(entry.remote_id)
        if not sheet.is_ours or sheet.etag != entry.etag:
            raise PreconditionFailed(f"{self.name} holds another file there by now.")
        return sheet

    def _entry(self, sheet: Sheet, wanted: Callable[[Entry], bool]) -> Entry | None:
        """None when it went while the others were read."""
        trouble = sheet.trouble if sheet.is_ours else _FOREIGN
        if trouble:
            return Entry(sheet.id, sheet.etag, None, sheet.key, trouble)
        unread = Entry(sheet.id, sheet.etag, None, sheet.key, unread=True)
        if not wanted(unread):
            return unread
        try:
            item = _read_back(sheet, self.read(sheet))
        except NotFound:
            return self._gone_or_silent(sheet)
        except ItemError:  # of this one: the others are listed all the same
            return _unreadable(sheet)
        return _entry_of(sheet, item) if item else _unreadable(sheet)

    def _gone_or_silent(self, sheet: Sheet) -> Entry | None:
        """A file whose removal broke off may be there by name only: that must not be overlooked."""
        with suppress(NotFound):
            self.sheet(sheet.id)
            return _unreadable(sheet)
        return None


def name_of(item: Item, key: str) -> str:
    return f"satchel.{item.kind}.{_digest(item.title, item.text)}.{key}.txt"


def written(item: Item) -> str:
    """The text of the file: the title as a heading, where there is one, then the text."""
    title = _kept(item).title
    return f"# {title}\n\n{item.text}" if title else item.text


def _kept(item: Item) -> Item:
    """What of `item` is still there when it is read back."""
    title = " ".join(item.title.split())
    return Item(item.text.strip(), item.kind, title=title)


def _read_back(sheet: Sheet, text: str) -> Item | None:
    """What was written, if it still says the same; a parser may have changed the space between."""
    found = _NAME.fullmatch(sheet.name)
    if not found:
        return None
    text = text.replace("\r\n", "\n").strip()
    head, _, rest = text.partition("\n")
    for title, said in (("", text), (head.removeprefix("# ").strip(), rest.strip())):
        if _digest(title, said)[16:] == found[2][16:]:
            return Item(said, kind_of(found[1]), title=title, created_at=sheet.created_at)
    return None


def _digest(title: str, text: str) -> str:
    """32 letters; the last 16 are the same for texts that differ in white space only."""
    loose = (" ".join(part.split()) for part in (title, text))
    each = (sha256("\n".join(parts).encode()).hexdigest() for parts in ((title, text), loose))
    return "".join(digest[:16] for digest in each)


def _entry_of(sheet: Sheet, item: Item) -> Entry:
    return Entry(sheet.id, sheet.etag, item, sheet.key)


def _unreadable(sheet: Sheet) -> Entry:
    return Entry(sheet.id, sheet.etag, None, sheet.key, _ALTERED)
