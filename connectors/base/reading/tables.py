"""Reads tables: text with separated values (CSV, TSV), whoever wrote it."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from connectors.base.errors import ArchiveError
from connectors.base.reading.csv_cutter import Cutter
from connectors.base.reading.files import File
from connectors.base.types import Unreadable

_CHUNK = 1 << 16
_SEPARATORS = ",\t;|"
_NONE = "\0"  # of a table of one column: it occurs in no text
_LOOKED_AT = 20  # rows, to tell what separates their cells
_SAID = re.compile(r"sep=([,\t;|])\n")  # a line that spreadsheets write and read
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ODD = "\ufffd"

_TOO_MANY = "This file holds more rows than can be read."
_TOO_LONG = "This row has more cells than the first row has names for; it was left out."


def rows(file: File) -> Iterator[dict[str, str] | Unreadable]:
    """Each row by the names in the first one, one row in memory at a time; damage as Unreadable.

    What separates the cells and how letters are encoded is found out: UTF-8, UTF-16, or else
    Windows-1252. Lines end with a line feed, a NUL becomes U+FFFD. The row of names is row 1. Cells
    missing at the end are "", rows with nothing in them are passed over. A column without a name is
    "column 2", the second of one name "name (2)".
    """
    return named(cells(file), file.where)


def named(
    cells: Iterator[list[str] | Unreadable], where: str
) -> Iterator[dict[str, str] | Unreadable]:
    """Rows of cells by the names in the first of them, as `rows` gives them."""
    names: list[str] = []
    for number, row in enumerate(cells, 1):
        if isinstance(row, Unreadable):
            yield row
            if not names:
                return
        elif not names:
            names = _names(row)
        elif any(row[len(names) :]):
            yield Unreadable(f"{where}, row {number}", _TOO_LONG)
        elif row:
            missing = [""] * (len(names) - len(row))
            yield dict(zip(names, row + missing, strict=False))


def columns(file: File) -> list[str]:
    """The names in the first row, to recognise a file by; [] where there is none. No more than the
    start of the file is read."""
    first = next((row for row in cells(file, _CHUNK) if row), [])
    return [] if isinstance(first, Unreadable) else _names(first)


def cells(file: File, most: int | None = None) -> Iterator[list[str] | Unreadable]:
    """Each row as its cells, for files whose first row holds no names; [] where all are empty. With
    `most`, no more than about so many bytes are read."""
    number = 0
    try:
        with file.open() as stream:
            for found in _records(stream, file, file.size if most is None else most):
                number += 1
                if number > file.limits.items:
                    yield Unreadable(file.where, _TOO_MANY)
                    return
                where = f"{file.where}, row {number}"
                yield Unreadable(where, found) if isinstance(found, str) else found
    except ArchiveError as error:
        yield Unreadable(f"{file.where}, after row {number}", str(error))


def _names(row: list[str]) -> list[str]:
    names: list[str] = []
    counts: dict[str, int] = {}
    for number, cell in enumerate(row, 1):
        name = " ".join(cell.split()) or f"column {number}"
        counts[name] = counts.get(name, 0) + 1
        names.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return names


def _records(stream: BinaryIO, file: File, most: int) -> Iterator[list[str] | str]:
    text = _text(stream, most)
    head = next(text, "")
    said = _SAID.match(head)
    head = head[said.end() :] if said else head
    separator = said[1] if said else _separator(head, file.limits.item_bytes)
    cutter = Cutter(separator, file.limits.item_bytes)
    yield from cutter.feed(head)
    for piece in text:
        yield from cutter.feed(piece)
    yield from cutter.finish()


def _separator(head: str, most: int) -> str:
    """What splits the first rows into most cells, and as many in each as in the first."""
    found = max(_SEPARATORS, key=lambda mark: _evenness(head, mark, most))
    return found if _evenness(head, found, most) else _NONE


def _evenness(head: str, separator: str, most: int) -> tuple[float, int] | tuple[()]:
    """How well it does; () if it splits nothing."""
    cutter = Cutter(separator, most)
    widths = [len(row) for row in islice(cutter.feed(head), _LOOKED_AT) if isinstance(row, list)]
    if not widths:
        widths = [len(row) for row in cutter.finish() if isinstance(row, list)]
    widths = [width for width in widths if width]
    if not widths or widths[0] == 1:
        return ()
    return widths.count(widths[0]) / len(widths), widths[0]


def _text(stream: BinaryIO, most: int) -> Iterator[str]:
    """The text of `stream` in pieces, the first of which is long enough to judge by."""
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    for piece in _decoded(stream, most):
        yield ends.decode(piece.replace("\0", _ODD))
    yield ends.decode("", final=True)


def _decoded(stream: BinaryIO, most: int) -> Iterator[str]:
    chunks = _chunks(stream, most)
    chunk = next(chunks, b"")
    bom, encoding = next((one for one in _BOMS if chunk.startswith(one[0])), (b"", ""))
    chunk = chunk[len(bom) :]
    encoding = encoding or _wide(chunk)
    while not encoding and chunk and chunk.isascii():
        yield chunk.decode("ascii")
        chunk = next(chunks, b"")
    chunk += next(chunks, b"")  # a letter may be split between the two
    decoder = codecs.getincrementaldecoder(encoding or _narrow(chunk))("replace")
    for part in chain((chunk,), chunks):
        yield decoder.decode(part)
    yield decoder.decode(b"", final=True)


def _chunks(stream: BinaryIO, most: int) -> Iterator[bytes]:
    while most > 0 and (chunk := stream.read(min(_CHUNK, most))):
        most -= len(chunk)
        yield chunk


def _wide(chunk: bytes) -> str:
    """UTF-16 without its mark: every other byte of ordinary text is 0."""
    for encoding, zeros in (("utf-16-le", chunk[1::2]), ("utf-16-be", chunk[::2])):
        if zeros.count(0) * 2 > max(1, len(zeros)) and chunk.count(0) < len(chunk) * 0.75:
            return encoding
    return ""


def _narrow(chunk: bytes) -> str:
    """UTF-8, unless most of what is not ASCII makes no sense as that."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(chunk)
    letters = sum(1 for letter in text if not letter.isascii())
    return "cp1252" if text.count(_ODD) * 2 > letters else "utf-8"
