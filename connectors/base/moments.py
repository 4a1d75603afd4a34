"""Reads the ways in which vendors write a time."""

import math
from datetime import UTC, datetime

_MILLISECONDS = 1e11  # as seconds this is the year 5138; as milliseconds 1973


def moment(value: object) -> datetime | None:
    """`value` in UTC: epoch seconds, epoch milliseconds or ISO 8601; None for anything else."""
    if isinstance(value, str):
        return _from_iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        if not math.isfinite(value) or value < 0:
            return None
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _from_iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
