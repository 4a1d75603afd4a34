"""Reads the file of the reference memory server: entities with what was observed of them, and
relations, each on a line; or the same in one object, as read_graph answers.

Source: src/memory/index.ts in modelcontextprotocol/servers.
"""

from collections.abc import Iterator
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_lines import lines
from connectors.base.reading.json_stream import items
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Item, Unreadable
from connectors.mcp.observations import Observation, Relation

PERSON = "default_user"
"""The entity that the server's own instructions have models keep the person under."""
_PERSONS = frozenset((PERSON, "me"))
_EMPTY = "This observation is empty."
_NO_KIND = "This line is neither an entity nor a relation."
_ODD = "This relation is not in a form that is known."


class McpMemory(Archive):
    vendor = "mcp"
    what = "MCP memory file"

    def recognise(self, files: Files) -> bool:
        return any(_is_graph(values) for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        seen: set[str] = set()
        for file in files.json:
            if _is_graph(glimpse(file)):
                for where, entry in _entries(file):
                    yield from _new(_read(where, entry), seen)


def _is_graph(values: list[Any]) -> bool:
    first = values[0] if values else None
    if not isinstance(first, dict):
        return False
    return _is_line(first) or any(map(_is_entity, _list(first, "entities")))


def _is_line(value: Json) -> bool:
    relation = value.get("type") == "relation" and {"from", "to", "relationType"} <= value.keys()
    return relation or (value.get("type") == "entity" and _is_entity(value))


def _is_entity(value: object) -> bool:
    return isinstance(value, dict) and {"name", "entityType", "observations"} <= value.keys()


def _list(holder: Json, key: str) -> list[Any]:
    found = holder.get(key)
    return found if isinstance(found, list) else []


def _entries(file: File) -> Iterator[tuple[str, Any]]:
    first = glimpse(file)[0]
    if _is_line(first):
        yield from ((f"{file.where}, line {n}", entry) for n, entry in enumerate(lines(file), 1))
        return
    for sort, name in (("entity", "entities"), ("relation", "relations")):
        if name in first:
            for number, entry in enumerate(items(file, name), 1):
                told = {"type": sort, **entry} if isinstance(entry, dict) else entry
                yield f"{file.where}, {sort} {number}", told


def _new(records: Iterator[Record], seen: set[str]) -> Iterator[Record]:
    """The server keeps the same words of the same entity once."""
    for record in records:
        if isinstance(record, Item):
            if record.remote_id in seen:
                continue
            seen.add(record.remote_id)
        yield record


def _read(where: str, entry: Any) -> Iterator[Record]:
    if isinstance(entry, Unreadable):
        yield Unreadable(where, entry.reason)
        return
    try:
        raw = an_object(entry, "line")
        sort = raw.get("type")
        if sort == "entity":
            yield from _entity(where, raw)
        elif sort == "relation":
            yield _relation(raw)
        else:
            raise ItemError(_NO_KIND)
    except ItemError as error:
        yield Unreadable(where, str(error))


def _entity(where: str, raw: Json) -> Iterator[Record]:
    name, sort = text_in(raw, "name"), text_in(raw, "entityType")
    for number, text in enumerate(a_list_in(raw, "observations"), 1):
        if not isinstance(text, str) or not text.strip():
            yield Unreadable(f"{where}, observation {number}", _EMPTY)
            continue
        yield Item(
            text,
            remote_id=Observation(name, text).id,
            title="" if name in _PERSONS else name,
            metadata={"entity type": sort} if sort else {},
        )


def _relation(raw: Json) -> Item:
    ends = [text_in(raw, key).strip() for key in ("from", "relationType", "to")]
    if not all(ends):
        raise ItemError(_ODD)
    one = Relation(*ends)
    return Item(one.text, remote_id=one.id, metadata={"relation": name_in(raw, "relationType")})
