"""What was found at the beginning of files, kept while one reader after the other asks about it.

Each of some dozens of readers looks at each of up to ten thousand files: parsed for each of them
anew, that takes minutes.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import Any

from connectors.base.limits import MIB

MOST = 128 * MIB
"""Bytes that one import's beginnings may take in memory, counted rather too many than too few."""
HEAVIER = 8
"""Times what JSON has of bytes, the value that it says takes in memory, where nobody counts."""
_FIRST, _KEYS = 10, 300
_VALUE = 64  # bytes that a value takes besides its text

Found = tuple[Sequence[Any], int]


class Peeked:
    """Answers by key what was found before, as long as there is room. What it holds is not to be
    changed by those who ask."""

    def __init__(self, most: int = MOST) -> None:
        self._left = most
        self._found: dict[Hashable, Sequence[Any]] = {}

    def get(self, key: Hashable, find: Callable[[], Found]) -> Sequence[Any]:
        """What `find` answered for this key; with it comes about how many bytes it takes."""
        if key in self._found:
            return self._found[key]
        values, weight = find()
        weight += _VALUE
        if weight <= self._left:
            self._left -= weight
            self._found[key] = values
        return values


def pruned(value: Any, depth: int = 8) -> Any:
    """The beginning of a large value: of its lists the first ten, of its objects some hundred keys,
    and nothing that is deeper than what tells one export from another."""
    if isinstance(value, list):
        return [pruned(one, depth - 1) for one in value[:_FIRST]] if depth else []
    if isinstance(value, dict):
        held = islice(value.items(), _KEYS if depth else 0)
        return {key: pruned(one, depth - 1) for key, one in held}
    return value


def weight(text: bytes) -> int:
    """About how many bytes the value takes that this JSON says."""
    return len(text) + _VALUE * sum(text.count(mark) for mark in (b",", b"[", b"{", b":"))
