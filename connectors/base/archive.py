"""The face of a vendor that reads its data export."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from connectors.base.reading.files import Files
from connectors.base.types import Conversation, Item, Unreadable

Record = Item | Conversation | Unreadable


class Archive(ABC):
    """Reads one kind of export. Stateless; `connectors/<vendor>/archive.py` holds one, or
    `archive_<what>.py` where a vendor has several.

    A conversation is yielded again only when a later file of the export has a newer copy of it.
    """

    vendor: ClassVar[str]
    """The slug of the vendor: the name of its package."""
    what: ClassVar[str]
    """What this reads, for people: "ChatGPT data export"."""
    beside: ClassVar[bool] = False
    """It reads what may lie beside an export: asked when no export is known, before the plain."""
    plain: ClassVar[bool] = False
    """It reads what any program may have written: asked when nobody else knows the files."""

    @abstractmethod
    def recognise(self, files: Files) -> bool:
        """Whether `files` are this vendor's export: by the structure of what they hold, never by
        their names, which vendors share."""

    @abstractmethod
    def records(self, files: Files) -> Iterator[Record]:
        """Everything in `files`, streaming. One broken entry is one Unreadable, never the end."""

    def account(self, files: Files) -> str:
        """A stable id of the account the export is of, "" when it does not say.

        ArchiveError when the files come from more than one account.
        """
        return ""

    def read(self, files: Files) -> Iterator[Record]:
        """All records, after what could not even be opened."""
        yield from files.unreadable
        yield from self.records(files)
