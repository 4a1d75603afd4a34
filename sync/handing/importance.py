"""Which memories matter most when not all of them fit. Pure, and simple enough to be explained:

pinned before the rest, confirmed before what nobody looked at; then who the person is and how they
want answers, before what happened; of one sort, the newest first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

ORDER: Sequence[str] = (
    *("instruction", "profile", "preference", "skill"),
    *("fact", "event", "document", "episode"),
)
"""Kinds, the most telling first."""
_PLACES = {kind: place for place, kind in enumerate(ORDER)}


class Weighed(Protocol):
    """What of a memory decides."""

    pinned: bool
    trusted: bool
    kind: str
    sorted_at: datetime


def rank(memory: Weighed) -> tuple[bool, bool, int, float]:
    """To sort by: the most important is the smallest."""
    place = _PLACES.get(memory.kind, len(ORDER))
    return (not memory.pinned, not memory.trusted, place, -memory.sorted_at.timestamp())
