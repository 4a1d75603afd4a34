"""Reads MIF 2.0, the Memory Interchange Format of mif-tools: memories in one JSON document.

Source: spec/mif-v2.md and its examples in varun29ankuS/mif-spec. Its graph of entities is not read:
the memories that it was made from are there.
"""

from collections.abc import Iterator, Mapping

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.kinds import kind_of
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import items
from connectors.base.shape import Json, a_list_in, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind

_TYPES: Mapping[str, Kind] = {"conversation": "event", "task": "event", "pattern": "skill"}


class MifDocument(Archive):
    vendor = "mif"
    what = "MIF 2.0 document"

    def recognise(self, files: Files) -> bool:
        return any(_is_document(values) for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            if _is_document(glimpse(file)):
                yield from each_new(items(file, "memories"), f"{file.where}, memory", _item, copies)


def _is_document(values: list[object]) -> bool:
    first = values[0] if values else None
    return isinstance(first, dict) and {"mif_version", "memories"} <= first.keys()


def _item(raw: Json) -> Item:
    text, sort = text_in(raw, "content"), text_in(raw, "memory_type")
    if not text.strip():
        raise ItemError("This memory holds no text.")
    said = {"type": sort, "tags": ", ".join(map(str, a_list_in(raw, "tags")))}
    return Item(
        text,
        kind=_TYPES.get(sort) or kind_of(sort),
        remote_id=name_in(raw, "id") or stable_id("memory", text),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        conversation_id=name_in(an_object_in(raw, "source"), "session_id"),
        metadata={name: value for name, value in said.items() if value},
    )
