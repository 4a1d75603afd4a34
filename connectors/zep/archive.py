"""Reads the facts of a Zep or Graphiti graph: edges as the API lists them, or a dump of the graph.

Source: the clients of getzep/zep-python and getzep/graphiti; of a dump, what Cognee's reader takes,
topoteretes/cognee, sources/zep.py.
"""

from collections.abc import Iterator
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.kinds import kind_of
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import has_list, items
from connectors.base.shape import Json, an_object_in, name_in, text_in
from connectors.base.types import Item

_HOLDERS = ("edges", "facts", "items", "entity_edges", "results")
_ENDS = frozenset(("source_node_uuid", "target_node_uuid"))
_EPISODES = ("episodes", "episodic_nodes")
_NODES = ("nodes", "entities", "entity_nodes")


class ZepExport(Archive):
    vendor = "zep"
    what = "Zep facts"

    def recognise(self, files: Files) -> bool:
        return any(_under(v) is not None or _is_dump(v) for _, v in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            values = glimpse(file)
            if (under := _under(values)) is not None:
                yield from each_new(items(file, under), f"{file.where}, fact", _fact, copies)
            if _is_dump(values):
                yield from _dump(file, under, copies)


def _under(values: list[Any]) -> str | None:
    first = values[0] if values else None
    if isinstance(first, list):
        return "" if any(map(_is_edge, first)) else None
    holder = first if isinstance(first, dict) else {}
    lists = [name for name in _HOLDERS if isinstance(holder.get(name), list)]
    return next((name for name in lists if any(map(_is_edge, holder[name]))), None)


def _is_edge(value: object) -> bool:
    return isinstance(value, dict) and {"uuid", "fact"} <= value.keys() and value.keys() >= _ENDS


def _fact(raw: Json) -> Item:
    """One edge. Zep says two times when it stopped being true: in the world, and in its graph."""
    text, beside = text_in(raw, "fact"), an_object_in(raw, "attributes")
    if not text.strip():
        raise ItemError("This fact holds no text.")
    ended = moment(raw.get("expired_at"))
    said = {"relation": name_in(raw, "name"), "superseded": "yes" if ended else ""}
    return Item(
        text,
        kind=kind_of(beside.get("kind")),
        remote_id=_uuid(raw),
        title=name_in(beside, "title"),
        created_at=moment(raw.get("created_at")),
        metadata={name: value for name, value in said.items() if value},
        valid_from=moment(raw.get("valid_at")),
        valid_until=moment(raw.get("invalid_at")) or ended,
    )


def _is_dump(values: list[Any]) -> bool:
    """Whether it is a graph: what facts were learnt from, or are about, may stand before them."""
    first = values[0] if values and isinstance(values[0], dict) else {}
    lists = [first[name] for name in (*_EPISODES, *_NODES) if isinstance(first.get(name), list)]
    return any(_is_node(one) for some in lists for one in some)


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and {"uuid", "name", "created_at"} <= value.keys()


def _dump(file: File, under: str | None, copies: Copies) -> Iterator[Record]:
    """The facts that come late in a dump, and what they were learnt from, word for word."""
    for name in _HOLDERS if under is None else ():
        if has_list(file, name):
            yield from each_new(items(file, name), f"{file.where}, fact", _fact, copies)
    for name in _EPISODES:
        if has_list(file, name):
            yield from each_new(items(file, name), f"{file.where}, episode", _episode, copies)


def _episode(raw: Json) -> Item:
    text = text_in(raw, "content") or text_in(raw, "episode_body")
    if not text.strip():
        raise ItemError("This episode holds no text.")
    return Item(
        text,
        kind="document",
        remote_id=f"episode:{_uuid(raw)}",
        title=text_in(raw, "name"),
        created_at=moment(raw.get("valid_at") or raw.get("created_at")),
    )


def _uuid(raw: Json) -> str:
    named = name_in(raw, "uuid", "id")
    if not named:
        raise ItemError("This has no id.")
    return named
