"""Reads bundles of the Modeled Information Format 1.0: OKF folders with a model of their own.

Source: SPECIFICATION.md and the examples in modeled-information-format/MIF.
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import items
from connectors.base.shape import an_object, text_in
from connectors.base.types import Item, Unreadable
from connectors.mif.unit import is_projection, is_unit, item_of
from connectors.okf import concept
from connectors.okf.bundle import concepts, heads, names, whole


class Mif(Archive):
    vendor = "mif"
    what = "MIF bundle"

    def recognise(self, files: Files) -> bool:
        return any(map(is_unit, heads(files))) or any(
            is_projection(one) for _, values in glimpses(files) for one in values
        )

    def records(self, files: Files) -> Iterator[Record]:
        """The Markdown first: where both tell the same unit, it is the one that counts."""
        called, copies = names(files), Copies()
        for file in concepts(files):
            yield from _told(_note(file, called[file.where]), copies)
        for file in files.json:
            if any(map(is_projection, glimpse(file))):
                for entry in items(file):
                    yield from _told(_projection(file, entry), copies)


def _told(found: Item | Unreadable, copies: Copies) -> Iterator[Record]:
    if isinstance(found, Unreadable) or copies.is_new(found.remote_id, found.updated_at):
        yield found


def _note(file: File, name: str) -> Item | Unreadable:
    """A concept that is no unit is read as OKF has it."""
    try:
        note = whole(file)
        if is_unit(note.fields):
            return item_of(note.fields, note.body)
        return concept.item_of(note, name)
    except ItemError as error:
        return Unreadable(file.where, str(error))


def _projection(file: File, entry: object) -> Item | Unreadable:
    if isinstance(entry, Unreadable):
        return entry
    try:
        raw = an_object(entry, "memory")
        return item_of(raw, text_in(raw, "content"))
    except ItemError as error:
        return Unreadable(file.where, str(error))
