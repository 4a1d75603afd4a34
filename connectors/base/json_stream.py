"""Reads JSON of any size one entry at a time, and survives whatever is wrong with it.

What came before a damage is kept, the damage itself is one Unreadable, and only one entry is in
memory at a time. Of equal keys in an object the last counts; a lone surrogate, a NUL and a byte
that is not UTF-8 become U+FFFD; NaN and Infinity become null.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from connectors.base.errors import ArchiveError
from connectors.base.files import File
from connectors.base.json_cutter import Cutter
from connectors.base.limits import Limits
from connectors.base.types import Unreadable

_CHUNK = 1 << 16
_ODD_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_ODD = re.compile("[\ud800-\udfff\x00]")

_CUT_SHORT = (
    "The file ends in the middle of this entry. What came before it was read; "
    "download the export again for the rest."
)
_MALFORMED = "This entry is not valid JSON and was left out."
_NOT_JSON = "This is not JSON that can be read here."
_AFTER_END = "There is more text after the end of the list; it was left out."


def items(file: File, under: str = "", most: int | None = None) -> Iterator[Any]:
    """The entries of the list in `file`, or of the list under the key `under` of an object.

    An object without that list is itself the one entry. Damage is yielded as Unreadable. With
    `most`, no more than so many bytes are read.
    """
    most = file.size if most is None else most
    start = file.start
    if start.startswith(b"["):
        return _entries(file, "", most)
    if start.startswith(b"{") and under and _has_list(file, under):
        return _entries(file, under, most)
    return iter([document(file)])


def peek(file: File, under: str = "", count: int = 10) -> Iterator[Any]:
    """Those of the first `count` entries that can be read, to recognise a file by."""
    first = islice(items(file, under, file.limits.item_bytes), count)
    return (item for item in first if not isinstance(item, Unreadable))


def document(file: File) -> Any:
    """The whole of a file that holds one value; Unreadable if it cannot be read."""
    if file.size > file.limits.item_bytes:
        return Unreadable(file.where, "This file is larger than any real one and was left out.")
    try:
        with file.open() as stream:
            text = stream.read().removeprefix(b"\xef\xbb\xbf")
    except ArchiveError as error:
        return Unreadable(file.where, str(error))
    return one(text, file.where, file.limits)


def one(text: bytes, where: str, limits: Limits) -> Any:
    """The one value that `text` is; Unreadable if it is none, or holds more than real ones do."""
    cutter = Cutter("", limits)
    cut = cutter.feed(b"[" + text + b"]")
    if len(cut) != 1 or not cutter.ended or cutter.rest:
        return Unreadable(where, _NOT_JSON)
    return _value(cut[0], where)


def _has_list(file: File, under: str) -> bool:
    cutter = Cutter(under, file.limits)
    try:
        with file.open() as stream:
            while not cutter.began and (chunk := stream.read(_CHUNK)):
                cutter.feed(chunk)
    except ArchiveError:
        return cutter.began
    return cutter.began


def _entries(file: File, under: str, most: int) -> Iterator[Any]:
    cutter = Cutter(under, file.limits)
    number = 0
    try:
        with file.open() as stream:
            for cut in _cuts(stream, cutter, most):
                number += 1
                if number > file.limits.items:
                    yield Unreadable(file.where, "This file holds more entries than can be read.")
                    return
                yield _value(cut, f"{file.where}, entry {number}")
            if not cutter.ended:
                yield Unreadable(f"{file.where}, entry {number + 1}", _CUT_SHORT)
            elif not under and (cutter.rest + stream.read(_CHUNK)).strip():
                yield Unreadable(file.where, _AFTER_END)
    except ArchiveError as error:
        yield Unreadable(f"{file.where}, after entry {number}", str(error))


def _cuts(stream: BinaryIO, cutter: Cutter, most: int) -> Iterator[bytes | str]:
    while most > 0 and not cutter.ended and (chunk := stream.read(_CHUNK)):
        yield from cutter.feed(chunk)
        most -= len(chunk)


def _value(cut: bytes | str, where: str) -> Any:
    if isinstance(cut, str):
        return Unreadable(where, cut)
    text = cut.decode("utf-8", "replace")
    try:
        value = json.loads(text, strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return Unreadable(where, _MALFORMED)
    odd = "\x00" in text or _ODD_ESCAPE.search(text)
    return _cleaned(value) if odd else value


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _ODD.sub("\ufffd", value)
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(part) for key, part in value.items()}
    return value
