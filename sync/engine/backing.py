"""When to run again: after a failure, and in ordinary days. Pure."""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from connectors.base.errors import (
    ArchiveError,
    AuthError,
    ConnectorError,
    CursorExpired,
    Misconfigured,
    RateLimited,
)

SOONEST: Final = timedelta(minutes=1)
LATEST: Final = timedelta(hours=6)
LONGEST_ASKED: Final = timedelta(days=7)
"""A vendor that asks for more is not believed."""
_FOR_A_PERSON: Final = (ArchiveError, AuthError, Misconfigured)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def retry_at(
    error: ConnectorError, failures: int, *, now: datetime, random: Random
) -> datetime | None:
    """When to try again after the `failures`-th failure in a row (1 is the first). None: no waiting
    helps, a person has to do something. What the vendor asks for is waited for in full."""
    if isinstance(error, _FOR_A_PERSON):
        return None
    if isinstance(error, CursorExpired):
        return now
    wait = _jittered(failures, random)
    if isinstance(error, RateLimited):
        # Beside what was asked for, so that not all who were told the same come back together.
        wait = max(wait, _asked(error) + random.random() * SOONEST)
    return now + wait


def spread(connection_id: UUID, every: timedelta, now: datetime) -> datetime:
    """The next time after `now` that is this connection's: every `every`, each connection at a
    moment of its own, always the same one, so that they do not all run at the full hour."""
    if every <= timedelta(0):
        raise ValueError("a schedule needs a time between runs")
    digest = hashlib.sha256(connection_id.bytes).digest()
    share = int.from_bytes(digest[:8]) / 2**64
    first = _EPOCH + share * every
    return first + ((now - first) // every + 1) * every


def _jittered(failures: int, random: Random) -> timedelta:
    """Anything between the soonest and a bound that doubles from failure to failure."""
    bound = min(LATEST, SOONEST * (1 << min(max(failures, 1), 16)))
    return SOONEST + random.random() * (bound - SOONEST)


def _asked(error: RateLimited) -> timedelta:
    seconds = error.retry_after
    if seconds is None or math.isnan(seconds):
        return timedelta(0)
    most = LONGEST_ASKED.total_seconds()
    return timedelta(seconds=min(max(seconds, 0.0), most))
