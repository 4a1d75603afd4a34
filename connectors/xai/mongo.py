"""Reads MongoDB's extended JSON, in which parts of a Grok export are written."""

import re
from datetime import datetime

from connectors.base.moments import moment
from connectors.base.shape import Json, name_in

_WRAPPERS = frozenset(("$date", "$numberLong", "$numberInt", "$numberDouble", "$oid"))
_DIGITS = re.compile("[0-9]{9,15}")  # fewer may be a date without dashes


def plain(value: object) -> object:
    """`value` without its wrapping, of which there are two: {"$date": {"$numberLong": "0"}}."""
    for _ in range(2):
        if isinstance(value, dict) and len(value) == 1 and _WRAPPERS & value.keys():
            (value,) = value.values()
    return value


def time_in(holder: Json, key: str) -> datetime | None:
    """The time under `key`, wrapped or not; None if there is none that can be read."""
    value = plain(holder.get(key))
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return moment(int(value))
    return moment(value)


def id_in(holder: Json, key: str) -> str:
    """The id under `key`, wrapped or not; "" if there is none."""
    return name_in({key: plain(holder.get(key))}, key)
