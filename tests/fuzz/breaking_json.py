"""Breaks JSON values at any place: other types, gone and doubled parts, keys of other names, depth,
numbers without end, letters that are none."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.connectors.mutilated import JUNK

NUMBERS = ("1e999", "-0.0", "9" * 400, "1" + "0" * 5_000, "NaN", "-Infinity", "1e-400", "0x10")
TIMES: tuple[Any, ...] = (
    *(-1, 0, 253402300800, 1e18, -62135596801, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00"),
    *("0001-01-01T00:00:00+14:00", "2026-02-30", "20260101T000000Z", 1767268800000000, "NaN"),
    *(
        "2026-01-01T12:00:00.1234567890123Z",
        "1" * 40,
        "\u0662\u0660\u0662\u0666-01-01",
        1e308,
        "2026-W01-1",
        "²",
    ),
)
TEXTS = ("\ud800", "\x00", "\u202e", "a\r\nb", "\udfff\ud800", "<" * 200, "[" * 300, "x" * 3_000)
_MARK = "@@number@@"
_DEPTH = 60
Place = tuple[Any, Any]


def broken(text: bytes, chance: random.Random) -> bytes | None:
    """`text` with one or more of its parts broken; None if it is no JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    holder = [value]
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if found := places(holder):
            chance.choice(_WAYS)(*chance.choice(found), chance)
    try:
        return _written(holder[0] if holder else None, chance)
    except RecursionError:
        return None


def places(root: Any) -> list[Place]:
    """Everything in `root`, but what is very deep: by what it is in, and its key there."""
    found: list[Place] = []
    level = [root]
    for _ in range(_DEPTH):
        below = []
        for holder in level:
            inside = holder.items() if isinstance(holder, dict) else enumerate(holder)
            for key, part in inside:
                found.append((holder, key))
                if isinstance(part, dict | list):
                    below.append(part)
        level = below
    return found


def _written(value: Any, chance: random.Random) -> bytes:
    said = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    said = said.replace(f'"{_MARK}"', chance.choice(NUMBERS))
    if chance.random() < 0.05 and '"' in said:  # a key twice: the second one counts, or neither
        said = said.replace("{", '{"id": [], "id": 7, ', 1)
    return said.encode("utf-8", "surrogatepass")


def _replaced(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = deepcopy(chance.choice((*JUNK, *TIMES, *TEXTS, _MARK)))


def _gone(holder: Any, key: Any, chance: random.Random) -> None:
    del holder[key]


def _doubled(holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, list):
        holder[key:key] = [holder[key]] * chance.choice((1, 2, 20))
    else:
        holder[chance.choice(("id", "x", "", f"{key} "))] = holder[key]


def _renamed(holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, dict):
        other = chance.choice((key.upper(), f"{key}s", "", "\ud800", chance.choice([*holder])))
        holder[other] = holder.pop(key)


def _swapped(holder: Any, key: Any, chance: random.Random) -> None:
    """With another part of the same object or list."""
    other = chance.choice([*holder] if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


def _wrapped(holder: Any, key: Any, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 30, 250))):
        holder[key] = [holder[key]] if chance.random() < 0.5 else {"a": holder[key]}


_WAYS: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    *(_replaced, _replaced, _replaced, _gone, _doubled, _renamed, _swapped, _wrapped),
)
