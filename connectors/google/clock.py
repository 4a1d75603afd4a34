"""Reads the times on a Takeout page, written for people: "Jan 2, 2026, 3:04:05 AM CET"."""

import re
from datetime import UTC, datetime, timedelta, timezone

_LENGTH = 80
_LOOKS = re.compile(r"(?=.*\b(?:19|20)\d\d\b)(?=.*\b\d{1,2}[:.]\d\d\b)")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH_FIRST = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([A-Za-z]{3})[a-z]*\.?,? (\d{4})")
_NUMBERS = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?(?: ([A-Z]+)?)?")
_OFFSET = re.compile(r"(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d\d))?")

# Hours from UTC. An abbreviation that is not here is read as UTC: the day is right, or nearly.
_ZONES = {
    **{"WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"BRT": -3, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}


def is_time(line: str) -> bool:
    """Whether `line` looks like a date with a time, in whatever language."""
    return len(line) <= _LENGTH and _LOOKS.search(line) is not None


def time_of(line: str) -> datetime | None:
    """The time in UTC; None if the date is in a language that is not read here."""
    words = " ".join(line.split())
    day, clock = _day(words), _CLOCK.search(words)
    if day is None or clock is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] in "Pp" else 0)
    try:
        zone = timezone(_offset(words, clock[5] or ""))
        return datetime(*day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(words: str) -> tuple[int, int, int] | None:
    if found := _NUMBERS.search(words):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _MONTH_FIRST.search(words):
        month, day, year = found[1], found[2], found[3]
    elif found := _DAY_FIRST.search(words):
        day, month, year = found[1], found[2], found[3]
    else:
        return None
    months = _MONTHS.split()
    known = month.lower() in months
    return (int(year), months.index(month.lower()) + 1, int(day)) if known else None


def _offset(words: str, zone: str) -> timedelta:
    if found := _OFFSET.search(words):
        size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return size if found[1] == "+" else -size
    return timedelta(hours=_ZONES.get(zone, 0))
