"""Which tools of a server list, add, change and delete, and how they name things.

Guessed from the names that servers use, or told in JSON where the guess is wrong:

    {"list": {"tool": "list_memories", "items": "data.memories", "id": "uid", "text": "body"},
     "add": {"tool": "save", "text": "body"}, "delete": {"tool": "drop", "id": "uid"}}
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base.errors import Misconfigured
from connectors.mcp.session import Tool

_PARTS = ("list", "add", "update", "delete")
_WORDS = ("tool", "arguments", "items", "id", "text")
_VERBS = {
    "list": ("list", "get_all", "get", "read", "all"),
    "add": ("add", "create", "store", "save", "remember", "write", "insert"),
    "update": ("update", "edit", "revise", "modify"),
    "delete": ("delete", "remove", "forget", "drop"),
}
_NOUNS = ("memories", "memory", "all_memories", "facts", "fact", "notes", "note", "entries", "")
ITEMS = ("memories", "results", "items", "entries", "data", "facts", "notes", "documents")
IDS = ("id", "memory_id", "memoryId", "uuid", "content_hash", "hash", "uid", "key")
TEXTS = ("text", "memory", "content", "fact", "value", "data", "body", "note", "observation")
_FIELD = "mapping"


@dataclass(frozen=True, slots=True)
class Use:
    """How one tool is used: its name, arguments that always go with it, and what it calls the
    list, the id and the text; "" is for what it has to be seen in the answers."""

    tool: Tool
    arguments: Mapping[str, Any] = field(default_factory=dict)
    items: str = ""
    id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Uses:
    """None where a server has no such tool."""

    list: Use
    add: Use | None
    update: Use | None
    delete: Use | None


def mapping(tools: Mapping[str, Tool], told: str) -> Uses:
    """Misconfigured when nothing lists memories, or what was told does not fit the tools."""
    said = _told(told)
    uses = {part: _use(part, tools, said.get(part)) for part in _PARTS}
    if uses["list"] is None:
        raise Misconfigured("None of its tools lists memories. Name the one that does.", _FIELD)
    return Uses(uses["list"], uses["add"], uses["update"], uses["delete"])


def first(known: Collection[str], names: Collection[str]) -> str:
    """The first of `names` that is among `known`, or ""."""
    return next((name for name in names if name in known), "")


def _told(text: str) -> dict[str, dict[str, Any]]:
    if not text.strip():
        return {}
    try:
        said = json.loads(text)
        fits = said.keys() <= set(_PARTS) and all(_fits(one) for one in said.values())
    except (ValueError, AttributeError):
        fits = False
    if not fits:
        raise Misconfigured(
            'This is JSON with "list", "add", "update" and "delete", each with "tool", "id",'
            ' "text", "items" or "arguments".',
            _FIELD,
        )
    return dict(said)


def _fits(one: dict[str, Any]) -> bool:
    texts = [value for name, value in one.items() if name != "arguments"]
    return (
        one.keys() <= set(_WORDS)
        and all(isinstance(value, str) for value in texts)
        and isinstance(one.get("arguments", {}), dict)
    )


def _use(part: str, tools: Mapping[str, Tool], told: dict[str, Any] | None) -> Use | None:
    said = told or {}
    name = said.get("tool") or first(tools, _guesses(part))
    if not name:
        return None
    if name not in tools:
        raise Misconfigured("The memory server has no tool of the name that is given.", _FIELD)
    tool = tools[name]
    use = Use(tool, **{"arguments": {}, **{k: v for k, v in said.items() if k != "tool"}})
    return use if part == "list" else _complete(part, use)


def _complete(part: str, use: Use) -> Use | None:
    """With the names of the arguments; None where they cannot be guessed."""
    takes = use.tool.arguments
    id = use.id or ("" if part == "add" else first(takes, IDS))
    text = use.text or ("" if part == "delete" else first(takes, TEXTS))
    if (part != "add" and not id) or (part != "delete" and not text):
        return None
    return Use(use.tool, use.arguments, use.items, id, text)


def _guesses(part: str) -> list[str]:
    both = [(verb, noun) for verb in _VERBS[part] for noun in _NOUNS]
    names = [f"{verb}_{noun}" if noun else verb for verb, noun in both]
    return names + [f"{noun}_{verb}" for verb, noun in both if noun]
