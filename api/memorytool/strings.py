"""The memory tool's own words, as models were taught them, and how it prints files."""

from collections.abc import Mapping, Sequence
from typing import Any, Union

from vault.text import unhidden

Tree = Mapping[str, Union[int, "Tree"]]
"""A directory: the bytes of each file by its name, and the directories below."""

NOWHERE = "The path {path} does not exist. Please provide a valid path."
GONE = "The path {path} does not exist"
VANISHED = "The file {path} no longer exists (may have been deleted or renamed concurrently)."
CHANGED = (
    "The file {path} changed meanwhile, and was not edited. View it again, then repeat the edit."
)
EXISTS = "File {path} already exists"
DESTINATION = "The destination {path} already exists"
NOT_A_FILE = "The path {path} is not a file."
OUTSIDE = "Path must start with /memories, got: {path}"
ESCAPES = "Path {path} would escape /memories directory"
BAD_NAME = "Path {path} cannot be used: keep names plain, short and without hidden characters."
KEEPS_DELETE = "Cannot delete the {path} directory itself"
KEEPS_RENAME = "Cannot rename the {path} directory itself"
READ_ONLY = "The path {path} is read-only: it shows what the vault knows besides files."
BLIND = "The path {path} cannot be viewed: this grant may add files there, but not see any."
NOT_APART = "Files cannot be renamed from one collection to another. Create it there instead."
CHOOSE = "The path {path} is in none of the collections. Start it with one of: {names}"
WAITS = (
    "{path} waits for the owner of this vault to agree. Until then nothing has changed there,"
    " and sending this again does not help."
)
KEPT = "{path} was kept, but it cannot be viewed until the owner of this vault has let it in."
REFUSED = "{path} was not changed. {why}"
CREATED = "File created successfully at: {path}"
EDITED = "The file {path} has been edited."
DELETED = "Successfully deleted {path}"
RENAMED = "Successfully renamed {old} to {new}"
SNIPPET = (
    "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n"
)
NO_MATCH = "No replacement was performed, old_str `{old}` did not appear verbatim in {path}."
MANY_MATCHES = (
    "No replacement was performed. Multiple occurrences of old_str `{old}` in lines: {lines}."
    " Please ensure it is unique"
)
BAD_LINE = "Invalid `insert_line` parameter: {line}. It should be within the range [0, {most}]."

_LISTED = "Here're the files and directories up to 2 levels deep in {path}, excluding hidden items:"
_NUMBERED = "Here's the content of {path} with line numbers:\n"
_WIDTH = 6
_AROUND = 2
MOST_LINES = 1_000
_LONGEST_ECHO = 400
_DIRECTORY = 4096
"""Bytes that a directory counts, as on most disks."""


def shown(words: str) -> str:
    """What was sent, as an answer may repeat it."""
    plain = unhidden(words[: 2 * _LONGEST_ECHO]).replace("\n", " ")
    return plain if len(plain) <= _LONGEST_ECHO else plain[:_LONGEST_ECHO] + "…"


def listing(path: str, tree: Tree) -> str:
    lines = [f"{size(_DIRECTORY)}\t{path}"]
    lines += [f"{size(count)}\t{path}/{name}" for count, name in _entries(tree, "", 1)]
    return _LISTED.format(path=path) + "\n" + "\n".join(lines)


def _entries(tree: Tree, above: str, depth: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for name in sorted(tree):
        inner = tree[name]
        if name.startswith("."):
            continue
        if isinstance(inner, int):
            found.append((inner, above + name))
            continue
        found.append((_DIRECTORY, f"{above}{name}/"))
        if depth < 2:
            found += _entries(inner, f"{above}{name}/", depth + 1)
    return found


def content(path: str, text: str, view_range: Sequence[int] | None) -> str:
    """The file's lines with their numbers, or those of a range: from 1, -1 for the last."""
    lines, first = text.split("\n"), 0
    if view_range and len(view_range) == 2:
        start, end = view_range
        first = max(1, start) - 1
        lines = lines[first : len(lines) if end == -1 else end]
    return _NUMBERED.format(path=path) + "\n".join(_numbered(lines, first + 1))


def snippet(text: str, changed: int) -> str:
    """Around the line, counted from 0, that was changed."""
    lines, first = text.split("\n"), max(0, changed - _AROUND)
    return SNIPPET + "\n".join(_numbered(lines[first : changed + _AROUND + 1], first + 1))


def _numbered(lines: Sequence[str], first: int) -> list[str]:
    return [f"{number:>{_WIDTH}}\t{line}" for number, line in enumerate(lines, first)]


def lines_with(text: str, words: str) -> str:
    """The numbers of the lines in which the words begin, overlapping ones too."""
    found, line, last, at = list[str](), 1, 0, text.find(words)
    while at != -1 and len(found) < MOST_LINES:
        line, last = line + text.count("\n", last, at), at
        found.append(str(line))
        at = text.find(words, at + 1)
    return ", ".join(found + ([] if at == -1 else ["…"]))


def size(count: int) -> str:
    """Bytes for people: whole ones, or with one digit, in units of 1,024."""
    unit = min(max(0, count.bit_length() - 1) // 10, 3)
    value = count / 1024**unit
    return f"{value:.{0 if value == int(value) else 1}f}{'BKMG'[unit]}"


class ToolError(Exception):
    """What goes back to the model as an error, in the tool's own words."""

    def __init__(self, words: str, **parts: Any) -> None:
        super().__init__(words.format(**parts))
