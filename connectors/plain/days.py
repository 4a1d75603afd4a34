"""Finds the date that a line of a list begins or ends with, in the forms that assistants write."""

import re
from datetime import UTC, datetime

from connectors.base.moments import moment

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})\.?"
_TIME = (
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[ap]m)?"
    r"(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
        r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})",
        rf"{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.? {_MONTH},? (?P<y>\d{{4}})",
        r"(?P<y>\d{4})-(?P<m>\d{1,2})",
        rf"{_MONTH},? (?P<y>\d{{4}})",
    )
)
_EPOCH = re.compile(r"\d{10}|\d{13}")
_UNKNOWN = re.compile(
    r"(?:date )?(?:unknown|not known|undated|unspecified|not (?:saved|available|specified))|"
    r"n/?a|no date(?: \w+)?|none|date saved[^\]]*|-+|\?+",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\*\*|`)?[\[(](?P<said>[^\[\]()]{1,40})[\])](?:\*\*|`)?"
    r"[\s.:\u2013\u2014-]*(?P<rest>.*)",
    re.S,
)
_OPEN = re.compile(
    r"(?:\*\*)?(?P<said>[\w ,./:+-]{6,40}?)(?:\*\*)?(?:: | ?[\u2013\u2014] | - |\t| \| )"
    r"(?P<rest>.*)",
    re.S,
)
_AFTER = re.compile(
    r"(?P<rest>.*?\S)[ ]*[\[(](?:(?:saved|date|added|updated)(?: on)?:? )?"
    r"(?P<said>[^\[\]()]{6,40})[\])]\.?",
    re.S | re.IGNORECASE,
)


def dated(line: str) -> tuple[str, datetime | None, bool]:
    """The line without its date; the date; and whether it was marked as an entry of a dated list,
    which it also is where the date is said to be unknown."""
    if found := _BEFORE.fullmatch(line):
        said, day = found["said"].strip(), day_of(found["said"])
        if (day or _UNKNOWN.fullmatch(said)) and found["rest"].strip():
            return found["rest"].strip(), day, True
    for form in (_OPEN, _AFTER):
        found = form.fullmatch(line)
        if found and found["rest"].strip() and (day := day_of(found["said"])):
            return found["rest"].strip(), day, True
    return line, None, False


def day_of(value: object) -> datetime | None:
    """The moment that a text or a number says, in UTC and without the time of day in forms other
    than ISO 8601; None if it says none, or one that could be two."""
    if not isinstance(value, str):
        return moment(value)
    said = value.strip()
    if exact := moment(int(said) if _EPOCH.fullmatch(said) else said):
        return exact
    found = next((one for form in _FORMS if (one := form.fullmatch(said))), None)
    if found is None:
        return None
    parts = found.groupdict()
    day, month = _day_and_month(parts)
    try:
        return datetime(int(parts["y"]), month, day, tzinfo=UTC)
    except ValueError:
        return None


def _day_and_month(parts: dict[str, str]) -> tuple[int, int]:
    """Where both may be the month, which is which is not known: 0 makes no date."""
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first > 12:
            return first, second
        return (second, first) if second > 12 or first == second else (0, 0)
    month = parts.get("month")
    number = _MONTHS.index(month[:3].lower()) + 1 if month else int(parts["m"])
    return int(parts.get("d") or 1), number
