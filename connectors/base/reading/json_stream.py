"""Reads JSON of any size one entry at a time, and survives whatever is wrong with it.

What came before a damage is kept, the damage itself is one Unreadable, and only one entry is in
memory at a time. Of equal keys in an object the last counts; a lone surrogate, a NUL and a byte
that is not UTF-8 become U+FFFD; NaN and Infinity become null.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from connectors.base.errors import ArchiveError
from connectors.base.limits import KIB, MIB, Limits
from connectors.base.reading.files import File
from connectors.base.reading.json_cutter import Cutter
from connectors.base.reading.json_outline import Outline
from connectors.base.reading.letters import cleaned
from connectors.base.reading.peeked import HEAVIER, Found, pruned, weight
from connectors.base.types import Unreadable

BEGINNING = 256 * KIB
"""Bytes of a file that are looked at to recognise it, if something can be read in them."""
_CHUNK = 1 << 16
_OUTLINED = 8 * MIB
_USUAL = 10  # entries: found for whoever asks for fewer as well
_VALUE = 64
_ODD_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")

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
    if start.startswith(b"{") and under and has_list(file, under):
        return _entries(file, under, most)
    return iter([document(file)])


def peek(file: File, under: str = "", count: int = 10) -> Iterator[Any]:
    """Those of the first `count` entries that can be read, to recognise a file by: of what is
    beyond its beginning, no more than it takes to find one, and of an object larger than that
    the beginnings of what it holds. All who ask get the same values."""
    most, under = max(count, _USUAL), "" if file.start.startswith(b"[") else under
    found = file.peeked.get((file.where, under, most), lambda: _first(file, under, most))
    return (one for one in islice(found, count) if not isinstance(one, Unreadable))


def lists_in(file: File) -> Sequence[str]:
    """The keys of an object that hold lists, of those that begin in its first megabytes."""
    return file.peeked.get((file.where, "lists"), lambda: _lists(file))


def document(file: File) -> Any:
    """The whole of a file that holds one value; Unreadable if it cannot be read."""
    if file.has_lines:
        return Unreadable(file.where, _NOT_JSON)
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


def _first(file: File, under: str, count: int) -> Found:
    if file.start.startswith(b"["):
        return _first_entries(file, "", count)
    if under and under in lists_in(file):
        whole = _small(file)
        return (whole[0][under][:count], 0) if whole else _first_entries(file, under, count)
    return file.peeked.get((file.where, "document"), lambda: _whole(file)), 0


def _small(file: File) -> Sequence[Any]:
    """The one object that a small file is, parsed once for all who ask; else nothing."""
    if file.size > BEGINNING or not file.start.startswith(b"{"):
        return ()
    return file.peeked.get((file.where, "document"), lambda: _whole(file))


def _lists(file: File) -> Found:
    if whole := _small(file):
        found = tuple(key for key, value in whole[0].items() if isinstance(value, list))
        return found, _VALUE * len(found)
    return _outline(file)


def _first_entries(file: File, under: str, count: int) -> Found:
    cutter, values, taken, tried, read = Cutter(under, file.limits), list[Any](), 0, 0, 0
    try:
        with file.open() as stream:
            while read < file.limits.item_bytes and not cutter.ended and tried < count:
                chunk = stream.read(_CHUNK)
                read += len(chunk)
                for cut in cutter.feed(chunk)[: count - tried]:
                    tried += 1
                    values.append(_value(cut, file.where))
                    taken += weight(cut) if isinstance(cut, bytes) else 0
                if not chunk or (read >= BEGINNING and not all(map(_is_damage, values))):
                    break
    except ArchiveError:
        return values, taken  # the damage is told where the file is read
    return values, taken


def _is_damage(value: Any) -> bool:
    return isinstance(value, Unreadable)


def _whole(file: File) -> Found:
    """A large document takes seconds to parse: its beginnings are kept, for the others to see."""
    value = document(file)
    if isinstance(value, Unreadable):
        return [], 0
    if file.size <= BEGINNING:
        return [value], HEAVIER * file.size
    kept = pruned(value)
    return [kept], weight(json.dumps(kept).encode())


def _outline(file: File) -> Found:
    outline, read = Outline(file.limits), 0
    if not file.start.startswith(b"{") or file.has_lines:
        return (), 0
    try:
        with file.open() as stream:
            while read < _OUTLINED and (chunk := stream.read(_CHUNK)):
                outline.feed(chunk)
                read += len(chunk)
    except ArchiveError:
        return tuple(outline.lists), 0  # the damage is told where the file is read
    return tuple(outline.lists), sum(map(len, outline.lists))


def has_list(file: File, under: str) -> bool:
    """Whether `file` is an object with a list under that key: it is looked for to the end."""
    if file.has_lines:
        return False
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
    return cleaned(value) if odd else value
