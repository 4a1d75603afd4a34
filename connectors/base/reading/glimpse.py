"""The beginning of a JSON file, as far as it goes: what a format is recognised by, at a small cost
even where the file is a gigabyte or there are ten thousand of them."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from connectors.base.errors import ArchiveError
from connectors.base.reading.files import File, Files
from connectors.base.reading.letters import cleaned
from connectors.base.reading.peeked import Found, weight
from connectors.base.shape import Json

_MOST = 1 << 16
_FILES = 20  # of the first of an export's files: a format that is there is among them
_VALUES = 10
_DEPTH = 20
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")
_NOTHING = object()  # in place of what the beginning does not reach
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def glimpses(files: Files) -> Iterator[tuple[File, list[Any]]]:
    """The first JSON files of an export, each with what `glimpse` sees of it."""
    for file in islice(files.json, _FILES):
        yield file, glimpse(file)


def glimpse(file: File) -> list[Any]:
    """The first values of `file`: one for a JSON document, one a line for JSON Lines. What ends
    within the first 64 KiB is whole; of what goes on there is the part up to there. All who ask
    get the same values."""
    return list(file.peeked.get((file.where, "glimpse"), lambda: _seen(file)))


def objects(values: list[Any]) -> list[Json]:
    """Those of `values` that are objects; of a list, those in it."""
    found = values[0] if values and isinstance(values[0], list) else values
    return [value for value in found if isinstance(value, dict)]


def _seen(file: File) -> Found:
    try:
        with file.open() as stream:
            raw = stream.read(_MOST)
    except ArchiveError:
        return [], 0
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return list(islice(_values(text), _VALUES)), weight(raw)


def _values(text: str) -> Iterator[Any]:
    at = _after_space(text, 0)
    while at < len(text) and text[at] in "[{":
        value, at = _value(text, at)
        if value is not _NOTHING:
            yield value
        at = _after_space(text, at)


def _value(text: str, at: int, depth: int = 0) -> tuple[Any, int]:
    """The value at `at`, or what is there of it, and where it ends."""
    try:
        value, end = _DECODER.raw_decode(text, at)
        return cleaned(value), end
    except (ValueError, RecursionError):
        if depth == _DEPTH or at >= len(text):
            return _NOTHING, len(text)
    if text[at] == "{":
        return dict(_members(text, at + 1, depth)), len(text)
    if text[at] == "[":
        return list(_entries(text, at + 1, depth)), len(text)
    return _NOTHING, len(text)


def _members(text: str, at: int, depth: int) -> Iterator[tuple[str, Any]]:
    while found := _STRING.match(text, _after_space(text, at)):
        colon = _after_space(text, found.end())
        if text[colon : colon + 1] != ":":
            return
        value, at = _value(text, _after_space(text, colon + 1), depth + 1)
        if value is not _NOTHING:
            yield cleaned(found[0][1:-1]), value
        at = _after_comma(text, at)


def _entries(text: str, at: int, depth: int) -> Iterator[Any]:
    at = _after_space(text, at)
    while at < len(text) and text[at] != "]":
        value, at = _value(text, at, depth + 1)
        if value is not _NOTHING:
            yield value
        at = _after_comma(text, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after_comma(text: str, at: int) -> int:
    at = _after_space(text, at)
    return _after_space(text, at + 1) if text[at : at + 1] == "," else len(text)
