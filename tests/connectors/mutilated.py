"""Breaks any part of an export: values replaced by others, and keys and entries taken out."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 7, 1e300, "", "x", "\x00\ud800", [], {}, [[]], {"a": 1}, ["x"], [None]),
)
_GONE = object()


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in `value`."""
    found = [at] if at else []
    if not isinstance(value, dict | list):
        return found
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [*found, *(one for key, part in inside for one in places(part, (*at, key)))]


@st.composite
def mutilated(draw: st.DrawFn, export: Any, most: int = 4) -> Any:
    """`export` with up to so many of its parts broken."""
    broken = json.loads(json.dumps(export))
    for _ in range(draw(st.integers(1, most))):
        found = places(broken)
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        holder = broken
        for key in path:
            holder = holder[key]
        put = draw(st.sampled_from((*JUNK, _GONE)))
        if put is _GONE:
            del holder[last]
        else:
            holder[last] = deepcopy(put)
    return broken
