"""Reads files with one JSON value a line, and survives whatever is wrong with a line."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from connectors.base.errors import ArchiveError
from connectors.base.files import File
from connectors.base.json_stream import one
from connectors.base.types import Unreadable

_TOO_MANY = "This file holds more lines than can be read."
_TOO_LONG = "This line is longer than any real one and was left out."


def lines(file: File, most: int | None = None) -> Iterator[Any]:
    """The value of each line that is not blank, with damage as Unreadable, one line in memory at
    a time. With `most`, no more than so many bytes are read."""
    number, limit = 0, file.limits.item_bytes
    left = file.size if most is None else most
    try:
        with file.open() as stream:
            while left > 0 and (line := stream.readline(limit + 1)):
                number, left = number + 1, left - len(line)
                where = f"{file.where}, line {number}"
                if number > file.limits.items:
                    yield Unreadable(where, _TOO_MANY)
                    return
                if len(line) > limit:
                    yield Unreadable(where, _TOO_LONG)
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(limit)
                elif text := line.removeprefix(b"\xef\xbb\xbf").strip():
                    yield one(text, where, file.limits)
    except ArchiveError as error:
        yield Unreadable(f"{file.where}, after line {number}", str(error))


def peek_lines(file: File, count: int = 10) -> Iterator[Any]:
    """Those of the first `count` lines that can be read, to recognise a file by."""
    first = islice(lines(file, file.limits.item_bytes), count)
    return (one for one in first if not isinstance(one, Unreadable))
