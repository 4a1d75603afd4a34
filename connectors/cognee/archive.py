"""Reads COGX 0.1, Cognee's exchange format: manifest.json, and a file of JSON Lines for each kind.

Source: COGX.md and cogx.py in topoteretes/cognee, cognee/modules/migration.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import Files
from connectors.base.reading.glimpse import glimpse, glimpses, objects
from connectors.base.reading.json_lines import lines
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Item, Kind, Role, Turn

_KINDS: Mapping[str, Kind] = {"document": "document", "memory": "fact", "memory_block": "profile"}
_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant", "tool": "tool"}
_VERSION = "cogx_version"
_NEWER = re.compile(r"[1-9]\d*(?:\.|$)", re.ASCII)
_RECORD = frozenset(("external_system", "external_id", "kind"))


class Cogx(Archive):
    vendor = "cognee"
    what = "COGX archive"

    def recognise(self, files: Files) -> bool:
        return any(_is_manifest(values) for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        """Entities first, since facts name them by their ids."""
        held = {file: glimpse(file) for file in files.json}
        _refuse_newer(held.values())
        found = [file for file, values in held.items() if _has_records(values)]
        graph, copies = _Graph(), Copies()
        for file in sorted(found, key=lambda file: _first_kind(held[file]) != "entity"):
            yield from each_new(lines(file), f"{file.where}, line", graph.record, copies)


class _Graph:
    """What was read so far: the names of entities, which only their facts tell apart."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def record(self, raw: Json) -> Item | Conversation | None:
        kind = text_in(raw, "kind")
        if kind in _KINDS:
            return _item(raw, text_in(raw, "value" if kind == "memory_block" else "content"))
        if kind == "entity":
            return self._entity(raw)
        if kind == "fact":
            return self._fact(raw)
        if kind == "episode":
            return _episode(raw)
        if "kind" not in raw and {"id", "type"} <= raw.keys():
            return None  # a node of the graph as it is: its texts are in the other files
        raise ItemError("This record is of a kind that is not known yet.")

    def _entity(self, raw: Json) -> Item | None:
        """What is only a name is no memory."""
        name, said = text_in(raw, "name"), text_in(raw, "description")
        self._names[text_in(raw, "external_id")] = name
        return _item(raw, said, name) if said.strip() else None

    def _fact(self, raw: Json) -> Item | None:
        """Every edge of the graph comes as one: those without a sentence say how it is stored,
        unless both ends are entities."""
        ends = [self._names.get(text_in(raw, end), "") for end in ("subject_ref", "object_ref")]
        said = text_in(raw, "fact_text").strip()
        if not said and all(ends):
            said = f"{ends[0]} {text_in(raw, 'predicate').replace('_', ' ')} {ends[1]}"
        return _item(raw, said) if said else None


def _item(raw: Json, text: str, title: str = "") -> Item:
    if not text.strip():
        raise ItemError("This record holds no text.")
    said = {
        "origin": name_in(raw, "external_system"),
        "categories": ", ".join(map(str, a_list_in(raw, "categories"))),
    }
    return Item(
        text,
        kind=_KINDS.get(text_in(raw, "kind"), "fact"),
        remote_id=f"{text_in(raw, 'kind')}:{_id(raw)}",
        title=title or name_in(raw, "title", "label"),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        conversation_id=name_in(an_object_in(raw, "scope"), "session_id"),
        metadata={name: value for name, value in said.items() if value},
        valid_from=moment(raw.get("valid_at")),
        valid_until=moment(raw.get("invalid_at")),
    )


def _episode(raw: Json) -> Conversation:
    name, nodes = _id(raw), dict[str, Node]()
    last: str | None = None
    for number, entry in enumerate(a_list_in(raw, "turns"), 1):
        said = an_object(entry, "turn")
        role, id = _ROLES.get(text_in(said, "role"), "user"), f"{name}/{number}"
        at, text = moment(said.get("occurred_at")), text_in(said, "content")
        turn = Turn(id, role, text, position=0, created_at=at) if text.strip() else None
        nodes[id], last = Node(last, turn), id
    created, updated = moment(raw.get("created_at")), moment(raw.get("updated_at"))
    return Conversation(name, text_in(raw, "title"), arrange(nodes, last), created, updated)


def _id(raw: Json) -> str:
    named = name_in(raw, "external_id")
    if not named:
        raise ItemError("This record has no id.")
    return f"{name_in(raw, 'external_system')}:{named}"


def _is_manifest(values: list[Any]) -> bool:
    return any(_VERSION in one for one in objects(values))


def _has_records(values: list[Any]) -> bool:
    return any(one.keys() >= _RECORD or one.keys() >= {"id", "type"} for one in objects(values))


def _first_kind(values: list[Any]) -> str:
    return next((name_in(one, "kind") for one in objects(values)), "")


def _refuse_newer(held: Any) -> None:
    """Another number before the point is another format, as Cognee itself has it."""
    said = (name_in(one, _VERSION) for values in held for one in objects(values))
    if any(_NEWER.match(version) for version in said):
        raise ArchiveError("This COGX archive is of a newer version than can be read here.")
