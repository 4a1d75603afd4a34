"""Reads the sheets of a workbook (xlsx) that a stranger may have made.

Its zip goes through the limits of every zip here, its XML through a parser that refuses document
types, so that no entity is ever expanded, and a row at a time is in memory. python-calamine was
tried first: it lays a sheet out as one block, and two cells at opposite corners of a 5 kB file end
the whole process.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.csv_cutter import CELLS, TOO_WIDE
from connectors.base.reading.files import File
from connectors.base.reading.tables import named
from connectors.base.reading.zips import MAGIC, Budget, Zip
from connectors.base.types import Unreadable

_BOOK = "xl/workbook.xml"
_CHUNK = 1 << 16
_PARTS = 2_000
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_DATE_STYLES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DAMAGED = "This workbook is damaged and could not be read. Download it again."
_TOO_LARGE = "This workbook is larger than any real one and was left out."
_NO_STRING = "This row names a text that the workbook does not hold; it was left out."
_TOO_MANY = "This sheet holds more rows than can be read."

_Event = tuple[str, str, dict[str, str]]  # "<", ">" or "" for text; the name or the text; more


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `rows` can be read once, in the form of `tables.rows`."""

    name: str
    rows: Iterator[dict[str, str] | Unreadable]


def is_workbook(file: File) -> bool:
    """Whether `file` can be one: by its first bytes and its name, as it may be one of many."""
    return file.start.startswith(MAGIC) and file.name.lower().endswith(".xlsx")


def sheets(file: File) -> Iterator[Table | Unreadable]:
    """Each sheet of a workbook; Unreadable where the whole of it cannot be read. Each is to be read
    before the next one is asked for. Times are written as in ISO 8601."""
    try:
        book = _Book(file)
        for name, path in book.paths():
            yield Table(name, named(book.cells(name, path), f"{file.where}, sheet {name}"))
    except (ArchiveError, ItemError) as error:
        yield Unreadable(file.where, str(error))


def sheet_names(file: File) -> list[str]:
    """What its sheets are called, to recognise it by; [] if it cannot be read."""
    try:
        return [name for name, _ in _Book(file).paths()]
    except (ArchiveError, ItemError):
        return []


class _Book:
    def __init__(self, file: File) -> None:
        limits = file.limits
        if file.size > limits.item_bytes:
            raise ArchiveError(_TOO_LARGE)
        with file.open() as stream:
            packed = io.BytesIO(stream.read())
        within = replace(limits, unpacked=2 * limits.item_bytes, entries=_PARTS)
        self._zip, self._limits, self._where = Zip(packed, Budget(within)), limits, file.where
        self._has = frozenset(self._zip.paths)
        self._strings: list[str] | None = None
        self._dates: frozenset[int] = frozenset()
        self._first_day = datetime(1899, 12, 30)  # noqa: DTZ001  # a sheet knows no time zones

    def paths(self) -> list[tuple[str, str]]:
        """The names of the sheets, in order, and where they are."""
        targets = {
            more.get("Id", ""): _path(more.get("Target", ""))
            for kind, name, more in self._part("xl/_rels/workbook.xml.rels")
            if (kind, name) == ("<", "Relationship")
        }
        found = []
        for kind, name, more in self._part(_BOOK):
            if (kind, name) == ("<", "sheet"):
                found.append((more.get("name", ""), targets.get(more.get("id", ""), "")))
            elif (kind, name) == ("<", "workbookPr") and more.get("date1904") in ("1", "true"):
                self._first_day = datetime(1904, 1, 1)  # noqa: DTZ001
        return found

    def cells(self, sheet: str, path: str) -> Iterator[list[str] | Unreadable]:
        where, number = f"{self._where}, sheet {sheet}", 0
        try:
            self._prepare()
            for row in self._rows(path):
                number += 1
                if number > self._limits.items:
                    yield Unreadable(where, _TOO_MANY)
                    return
                yield Unreadable(f"{where}, row {number}", row) if isinstance(row, str) else row
        except (ArchiveError, ItemError) as error:
            yield Unreadable(f"{where}, after row {number}", str(error))

    def _part(self, path: str) -> Iterator[_Event]:
        if path not in self._has:
            raise ItemError(_DAMAGED)
        with self._zip.open(path) as stream:
            yield from _events(stream)

    def _prepare(self) -> None:
        if self._strings is not None:
            return
        self._strings = []
        if "xl/sharedStrings.xml" in self._has:
            for text in _texts(self._part("xl/sharedStrings.xml"), "si"):
                self._strings.append(text)
                if len(self._strings) > self._limits.item_values:
                    raise ItemError(_TOO_LARGE)
        if "xl/styles.xml" in self._has:
            self._dates = frozenset(_date_styles(self._part("xl/styles.xml")))

    def _rows(self, path: str) -> Iterator[list[str] | str]:
        """The cells of each row, or why it was left out."""
        row = _Row()
        for kind, name, found in self._part(path):
            if kind == "":
                row.text += [name] if row.into else []
            elif name == "row":
                if kind == ">":
                    yield row.why or row.result()
                row = _Row()
            elif name in ("v", "t"):
                row.into = kind == "<"
            elif name == "c" and kind == "<":
                row.begin(found)
            elif name == "c":
                self._end_cell(row)

    def _end_cell(self, row: "_Row") -> None:
        if row.place >= CELLS:
            row.leave_out(TOO_WIDE)
        if row.why:
            return
        try:
            row.cells[row.place] = self._value("".join(row.text), row.more)
        except ItemError as error:
            row.leave_out(str(error))

    def _value(self, text: str, more: dict[str, str]) -> str:
        kind = more.get("t", "n")
        if kind == "s":
            return self._string(text)
        if kind in ("inlineStr", "str"):
            return _unescaped(text)
        if kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        style = more.get("s", "")
        if kind == "n" and style.isdecimal() and int(style[:9]) in self._dates:
            return self._time(text)
        return text

    def _string(self, text: str) -> str:
        strings = self._strings or []
        if not text.isdecimal() or len(text) > 9 or int(text) >= len(strings):
            raise ItemError(_NO_STRING)
        return strings[int(text)]

    def _time(self, text: str) -> str:
        try:
            found = self._first_day + timedelta(milliseconds=round(float(text) * 86_400_000))
        except (ValueError, OverflowError):
            return text
        return found.isoformat()


class _Row:
    """One row while it is read."""

    def __init__(self) -> None:
        self.cells: dict[int, str] = {}
        self.place, self.into, self.why = -1, False, ""
        self.more: dict[str, str] = {}
        self.text: list[str] = []

    def begin(self, more: dict[str, str]) -> None:
        """A cell, which says where it is, or is behind the one before it."""
        self.more, self.text = more, []
        self.place = _column(more, self.place + 1)

    def leave_out(self, why: str) -> None:
        self.cells, self.why = {}, why

    def result(self) -> list[str]:
        return [self.cells.get(place, "") for place in range(max(self.cells, default=-1) + 1)]


def _events(stream: BinaryIO) -> Iterator[_Event]:
    found: list[_Event] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, more: found.append(
        ("<", _local(name), {_local(key): value for key, value in more.items()})
    )
    parser.EndElementHandler = lambda name: found.append((">", _local(name), {}))
    parser.CharacterDataHandler = lambda text: found.append(("", text, {}))
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        yield from found
        raise ItemError(_DAMAGED) from error
    yield from found


def _refuse(*_: object) -> None:
    raise ItemError(_DAMAGED)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _texts(events: Iterator[_Event], holder: str) -> Iterator[str]:
    """The text of each `holder`: of all its pieces, without how it is pronounced."""
    text, into, aside = list[str](), False, False
    for kind, name, _ in events:
        if kind == "":
            text += [name] if into and not aside else []
        elif name == "t":
            into = kind == "<"
        elif name == "rPh":
            aside = kind == "<"
        elif name == holder and kind == ">":
            yield _unescaped("".join(text))
            text = []


def _date_styles(events: Iterator[_Event]) -> Iterator[int]:
    """The numbers of the cell styles that show a number as a time."""
    formats, number, inside = set(_DATE_STYLES), 0, False
    for kind, name, more in events:
        if name == "cellXfs":
            inside = kind == "<"
        elif kind == "<" and name == "numFmt":
            shown = _NOT_DATE.sub("", more.get("formatCode", "")).lower()
            if set(shown) & set("dmyhs") and more.get("numFmtId", "").isdecimal():
                formats.add(int(more["numFmtId"][:9]))
        elif kind == "<" and name == "xf" and inside:
            shown = more.get("numFmtId", "")
            if shown.isdecimal() and int(shown[:9]) in formats:
                yield number
            number += 1


def _column(more: dict[str, str], otherwise: int) -> int:
    found = _PLACE.fullmatch(more.get("r", ""))
    if not found:
        return otherwise
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
