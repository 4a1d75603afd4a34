"""Ids and times of the demo: invented, and the same every time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_MINUTE = timedelta(seconds=60)


def invented_id(*parts: object) -> str:
    """A UUID that depends on `parts` alone."""
    return str(uuid5(NAMESPACE_URL, "/".join(str(part) for part in ("satchel-demo", *parts))))


def turn_time(chat: dict[str, Any], number: int) -> datetime:
    """When the turn with this number was said: a minute after the one before it."""
    began: datetime = chat["at"]
    return began + number * _MINUTE


def iso(at: datetime) -> str:
    """As Claude and Google write a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
