"""Notices a remote that rewrites what it is given, again and again. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

_WINDOW: Final = timedelta(hours=24)
_MOST: Final = 5


def spins(times: Sequence[datetime], now: datetime) -> bool:
    """Whether the remote rewrote one entry more than 5 times in 24 hours without a change of ours.
    `times` are when it did; those that a wrong clock puts into the future count too."""
    return sum(now - time < _WINDOW for time in times) > _MOST
