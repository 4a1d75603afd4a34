"""Cuts text with separated values into records, and survives whatever is wrong with one.

Rules are those of RFC 4180, read as spreadsheets read them: a quote counts only where a cell begins
with it, and what follows a closing quote belongs to the cell. The standard library's reader was not
taken: it needs whole lines, which may be gigabytes long, and its limit on a cell is one for the
whole process.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto

TOO_LARGE = "This row is larger than any real one and was left out."
TOO_WIDE = "This row has more cells than any real one and was left out."
CUT_SHORT = (
    "The file ends in the middle of this row, or a quotation mark is never closed. "
    "What came before it was read."
)
CELLS = 10_000  # in a record

_QUOTED = re.compile(r'[^"]*+(?:""[^"]*+)*+')


class _At(Enum):
    START = auto()
    PLAIN = auto()
    QUOTED = auto()
    QUOTE = auto()  # behind a quote in a quoted cell: the end of it, or the first of a pair


class Cutter:
    """Feed it pieces of text, in which lines end with a line feed; it answers the records completed
    by each: their cells, or why they were left out. `most` counts the letters of a record."""

    def __init__(self, separator: str, most: int) -> None:
        self._separator, self._most = separator, most
        mark = re.escape(separator)
        self._plain = re.compile(rf"[^{mark}\n]*+")
        quoted = rf'"{_QUOTED.pattern}"[^{mark}\n]*+'
        self._dull = re.compile(rf'(?:(?:{quoted}|(?!")[^{mark}\n]*+){mark})*+')
        self._at = _At.START
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._size, self._why = 0, ""

    def feed(self, text: str) -> Iterator[list[str] | str]:
        at = 0
        while at < len(text):
            if self._at is _At.START:
                at = self._begin(text, at)
            elif self._at is _At.PLAIN:
                at = self._take(text, at, self._plain)
                if at < len(text):
                    yield from self._end_cell(text[at])
                    at += 1
            elif self._at is _At.QUOTED:
                at = self._take(text, at, _QUOTED)
                if at < len(text):
                    self._at = _At.QUOTE
                    at += 1
            else:
                at = self._behind_quote(text, at)

    def finish(self) -> Iterator[list[str] | str]:
        """The record that the end of the text ends."""
        if self._at is _At.QUOTED:
            yield self._why or CUT_SHORT
        elif self._at is not _At.START or self._cells or self._why:
            yield from self._end_cell("\n")

    def _begin(self, text: str, at: int) -> int:
        if self._why:  # millions of cells of a record that is left out are passed over at once
            found = self._dull.match(text, at)
            at = found.end() if found else at
        quoted = text[at : at + 1] == '"'
        self._at = _At.QUOTED if quoted else _At.PLAIN if at < len(text) else _At.START
        return at + quoted

    def _behind_quote(self, text: str, at: int) -> int:
        paired = text[at] == '"'
        self._at = _At.QUOTED if paired else _At.PLAIN
        if paired:
            self._keep('"')
        return at + paired

    def _take(self, text: str, at: int, run: re.Pattern[str]) -> int:
        found = run.match(text, at)
        part = found.group() if found else ""
        self._keep(part.replace('""', '"') if run is _QUOTED else part)
        return at + len(part)

    def _keep(self, part: str) -> None:
        self._size += len(part)
        if self._size > self._most:
            self._leave_out(TOO_LARGE)
        if part and not self._why:
            self._cell.append(part)

    def _end_cell(self, mark: str) -> Iterator[list[str] | str]:
        if not self._why:
            self._cells.append("".join(self._cell))
            self._cell = []
            if len(self._cells) > CELLS:
                self._leave_out(TOO_WIDE)
        self._at = _At.START
        if mark == "\n":
            if self._why or any(self._cells):
                yield self._why or self._cells
            else:
                yield []
            self._forget()

    def _leave_out(self, why: str) -> None:
        self._why = self._why or why
        self._cells, self._cell = [], []

    def _forget(self) -> None:
        self._cells, self._cell = [], []
        self._size, self._why = 0, ""
