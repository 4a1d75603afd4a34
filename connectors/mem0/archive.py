"""Reads the memories of Mem0 as its API gives them: a list, or an object with the list in it.

Source: docs/openapi.json and server/main.py in mem0ai/mem0.
"""

from collections.abc import Iterator
from typing import Any

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
from connectors.base.types import Item

_HOLDERS = ("results", "memories")
_OWNERS = frozenset(("user_id", "agent_id", "run_id", "app_id", "session_id", "hash"))


class Mem0Export(Archive):
    vendor = "mem0"
    what = "Mem0 export"

    def recognise(self, files: Files) -> bool:
        return any(_under(values) is not None for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            if (under := _under(glimpse(file))) is not None:
                yield from each_new(items(file, under), f"{file.where}, memory", item_of, copies)


def _under(values: list[Any]) -> str | None:
    """The name of the list of memories, "" where the file is that list; None where it has none."""
    first = values[0] if values else None
    if isinstance(first, list):
        return "" if any(map(_is_row, first)) else None
    holder = first if isinstance(first, dict) else {}
    lists = [name for name in _HOLDERS if isinstance(holder.get(name), list)]
    return next((name for name in lists if any(map(_is_row, holder[name]))), None)


def _is_row(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("memory"), str):
        return False
    return "id" in value and bool(_OWNERS & value.keys())


def item_of(raw: Json) -> Item:
    """One memory; what we noted beside it ourselves comes back as it was."""
    text, beside = text_in(raw, "memory"), an_object_in(raw, "metadata")
    if not text.strip():
        raise ItemError("This memory holds no text.")
    said = {"categories": ", ".join(map(str, a_list_in(raw, "categories")))}
    return Item(
        text,
        kind=kind_of(beside.get("kind")),
        remote_id=name_in(raw, "id") or stable_id("memory", text),
        title=name_in(beside, "title"),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        conversation_id=name_in(raw, "run_id", "session_id"),
        metadata={name: value for name, value in said.items() if value},
        valid_until=moment(raw.get("expiration_date")),
    )
