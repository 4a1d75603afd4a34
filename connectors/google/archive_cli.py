"""Reads Gemini CLI's files: its sessions and saved checkpoints, what it remembers, and GEMINI.md.

Of a session only what the person and Gemini said is read. Calls of tools and their results are left
out altogether, also as hidden turns: keys and passwords are frequent in them. So are thoughts,
notices of the program, files that were brought in with "@", and what its helpers were told.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.agents.places import rule_files
from connectors.agents.rule_files import others, read_rules
from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_lines import peek_lines
from connectors.base.reading.json_stream import document, lists_in, peek
from connectors.base.types import Unreadable
from connectors.google.cli_session import (
    is_checkpoint,
    is_session,
    read_checkpoint,
    read_document,
    read_session,
)

_HISTORY = "history"
_TOOLS = "checkpoints"  # of tool calls: each holds the whole session once more


class GeminiCli(Archive):
    vendor = "google"
    what = "Gemini CLI sessions"

    def recognise(self, files: Files) -> bool:
        return any(_kind(file) for file in files.json)

    def records(self, files: Files) -> Iterator[Record]:
        copies, rules = Copies(), rule_files(files)
        yield from read_rules(rules, copies)
        found = [file for file in files.json if _kind(file)]
        for file in found:
            yield from newest(_read(file), copies)
        yield from others(files, {file.where for file in [*found, *(one for one, _ in rules)]})


def _kind(file: File) -> str:
    """How `file` holds a session: in "lines", as one "document", as a "checkpoint", "" if not."""
    if _TOOLS in PurePosixPath(file.where).parts:
        return ""
    if file.start.startswith(b"["):
        return "checkpoint" if is_checkpoint(list(peek(file))) else ""
    if is_session(next(peek_lines(file, 1), None)):
        return "lines"
    if _HISTORY in lists_in(file):
        return "checkpoint" if is_checkpoint(list(peek(file, _HISTORY))) else ""
    return "document" if is_session(next(peek(file), None)) else ""


def _read(file: File) -> Iterator[Record]:
    kind = _kind(file)
    if kind == "lines":
        yield from read_session(file)
        return
    value = document(file)
    if isinstance(value, Unreadable):
        yield value
        return
    try:
        if kind == "document":
            yield from read_document(value, file.where)
        else:
            yield from read_checkpoint(value, file)
    except ItemError as error:
        yield Unreadable(file.where, str(error))
