"""The hold before everything is erased: what was said yes to, and from when on it may be done.

It lies in the session for a few minutes and opens nothing: the yes itself was given with the
password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.http import HttpRequest
from django.utils import timezone

HOLD = timedelta(seconds=10)
GOOD_FOR = timedelta(minutes=5)
_SLOT = "erase_hold"


@dataclass(frozen=True, slots=True)
class Held:
    """`since`: when its owner said yes, to so many memories."""

    since: datetime
    keep_account: bool
    count: int

    @property
    def waited(self) -> int:
        """Whole seconds of the hold that are over."""
        return max(0, int((timezone.now() - self.since).total_seconds()))

    @property
    def left(self) -> int:
        """Seconds until it may be done; 0 from then on."""
        return max(0, ceil((self.since + HOLD - timezone.now()).total_seconds()))


def hold(request: HttpRequest, *, keep_account: bool, count: int) -> None:
    """Begin it, anew if there was one."""
    request.session[_SLOT] = [timezone.now().isoformat(), keep_account, count]


def held(request: HttpRequest) -> Held | None:
    """None where nobody said yes in the last minutes."""
    kept = request.session.get(_SLOT)
    if kept is None:
        return None
    since, keep_account, count = kept
    found = Held(datetime.fromisoformat(since), keep_account, count)
    return found if timezone.now() - found.since < GOOD_FOR else None


def release(request: HttpRequest) -> None:
    request.session.pop(_SLOT, None)
