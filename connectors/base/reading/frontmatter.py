"""The YAML between --- and --- at the head of a Markdown file, read without running anything.

Every value is text, a list or names with values: times and numbers stay as they are written.
Anchors and aliases are refused, because a few of them unfold into more than any memory holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from connectors.base.errors import ItemError
from connectors.base.shape import Json

_MOST = 1 << 16  # characters: the longest that people write is a few hundred
_DEPTH = 20
_VALUES = 5_000
_BEGINS = re.compile("\ufeff?---[ \\t]*\\r?\\n")
_ENDS = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_ENDLESS = 1 << 20
_NOT_READ = "What stands at the head of this file, between the lines ---, cannot be read."


@dataclass(frozen=True, slots=True)
class Note:
    """A Markdown file: what its head says, and what comes after it."""

    fields: Json
    body: str


def note(text: str) -> Note:
    """`text` in its two parts; no fields where it has no head. ItemError when it has one that
    cannot be read."""
    begins = _BEGINS.match(text)
    ends = _ENDS.search(text, begins.end()) if begins else None
    if begins is None or ends is None:
        return Note({}, text)
    return Note(fields(text[begins.end() : ends.start()]), text[ends.end() :])


def fields(head: str) -> Json:
    """The names and values that `head` is; ItemError when it is anything else."""
    if len(head) > _MOST:
        raise ItemError("The head of this file is longer than any real one.")
    try:
        found = yaml.load(head, Loader=_Loader)  # noqa: S506 - text, lists and names, nothing else
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ItemError(_NOT_READ) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ItemError(_NOT_READ)
    return {str(name): value for name, value in found.items()}


def written(values: Mapping[str, Any], body: str) -> str:
    """A file of text, lists and names with values, that `note` and any other reader of YAML reads
    as it was."""
    head = yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=_ENDLESS)
    return f"---\n{head}---\n\n{body}\n"


class _Loader(yaml.BaseLoader):
    """Knows no type but text and null, no anchor and no alias."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.YAMLError("anchor")
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > _DEPTH or self._count > _VALUES:
            raise yaml.YAMLError("size")
        made = super().compose_node(parent, index)
        self._depth -= 1
        return made


def _null(loader: yaml.BaseLoader, node: yaml.Node) -> None:
    return None


_NULL = "tag:yaml.org,2002:null"
_Loader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Loader.add_constructor(_NULL, _null)
