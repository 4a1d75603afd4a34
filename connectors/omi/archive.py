"""Reads OMI 0.1 (draft): memories in one JSON document, or a line each after a line for the file.

Source: omi-ai.org. Of JSON Lines the page says that they hold the same; how the first line looks is
taken to be the document's, without the memories.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.kinds import kind_of
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_lines import lines
from connectors.base.reading.json_stream import items
from connectors.base.shape import Json, a_list_in, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind

_FORMAT = "open-memory-interchange"
_TYPES: Mapping[str, Kind] = {"episodic": "event", "procedural": "skill"}


class Omi(Archive):
    vendor = "omi"
    what = "OMI file"

    def recognise(self, files: Files) -> bool:
        return any(_is_omi(values) for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            if _is_omi(values := glimpse(file)):
                entries = _entries(file, one_document="memories" in values[0])
                yield from each_new(entries, f"{file.where}, memory", _item, copies)


def _is_omi(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], dict) and values[0].get("format") == _FORMAT


def _entries(file: File, *, one_document: bool) -> Iterator[Any]:
    if one_document:
        return items(file, "memories")
    values = lines(file)
    next(values)
    return values


def _item(raw: Json) -> Item:
    text, sort = text_in(raw, "content"), text_in(raw, "type")
    if not text.strip():
        raise ItemError("This memory holds no text.")
    from_ = an_object_in(raw, "source")
    said = {
        "type": sort,
        "tags": ", ".join(map(str, a_list_in(raw, "tags"))),
        "origin": name_in(from_, "platform"),
    }
    return Item(
        text,
        kind=_TYPES.get(sort) or kind_of(sort),
        remote_id=name_in(raw, "id") or stable_id("memory", text),
        created_at=moment(raw.get("created")),
        updated_at=moment(raw.get("updated")),
        conversation_id=name_in(from_, "ref"),
        metadata={name: value for name, value in said.items() if value},
        valid_from=moment(raw.get("valid_from")),
        valid_until=moment(raw.get("valid_to")),
    )
