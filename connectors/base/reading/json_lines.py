"""Reads files with one JSON value a line, and survives whatever is wrong with a line."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from connectors.base.errors import ArchiveError
from connectors.base.reading.files import File
from connectors.base.reading.json_stream import BEGINNING, one
from connectors.base.reading.peeked import HEAVIER, Found
from connectors.base.types import Unreadable

_USUAL = 10  # lines: found for whoever asks for fewer as well
_TOO_MANY = "This file holds more lines than can be read."
_TOO_LONG = "This line is longer than any real one and was left out."


def lines(file: File, most: int | None = None) -> Iterator[Any]:
    """The value of each line that is not blank, with damage as Unreadable, one line in memory at
    a time. With `most`, no more than so many bytes are read."""
    return (value for _, value in _sized(file, file.size if most is None else most))


def _sized(file: File, left: int) -> Iterator[tuple[int, Any]]:
    """Each with the bytes of its line."""
    number, limit = 0, file.limits.item_bytes
    try:
        with file.open() as stream:
            while left > 0 and (line := stream.readline(limit + 1)):
                number, left = number + 1, left - len(line)
                where = f"{file.where}, line {number}"
                if number > file.limits.items:
                    yield len(line), Unreadable(where, _TOO_MANY)
                    return
                if len(line) > limit:
                    yield len(line), Unreadable(where, _TOO_LONG)
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(limit)
                elif text := line.removeprefix(b"\xef\xbb\xbf").strip():
                    yield len(line), one(text, where, file.limits)
    except ArchiveError as error:
        yield 0, Unreadable(f"{file.where}, after line {number}", str(error))


def peek_lines(file: File, count: int = 10) -> Iterator[Any]:
    """Those of the first `count` lines that can be read, to recognise a file by. All who ask get
    the same values."""
    most = max(count, _USUAL)
    found = file.peeked.get((file.where, "lines", most), lambda: _first(file, most))
    return (one for one in islice(found, count) if not isinstance(one, Unreadable))


def _first(file: File, count: int) -> Found:
    values, taken, kept = list[Any](), 0, 0
    for size, value in islice(_sized(file, file.limits.item_bytes), count):
        values.append(value)
        taken += size
        kept += 0 if isinstance(value, Unreadable) else size
        if kept and taken >= BEGINNING:
            break
    return values, HEAVIER * kept
