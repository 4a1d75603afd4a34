"""How fast requests follow one another: at a vendor's pace, with room for a short burst.

All connections of one vendor account in this process share a pace. Several worker processes each
keep to it by themselves: what is too much then, the vendor says, and the connections wait.
"""

import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock

from django.utils.crypto import salted_hmac

from connectors.base.live.options import settings_of
from connectors.base.protocol import Connector

BURST = 1 / 4
"""Of what is let through in a minute, so much may come at once after a rest."""
_TELLING = ("secret", "address")


class Pace:
    """A bucket that fills by `per_minute` requests a minute and holds a quarter of them. Safe for
    threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = max(1.0, per_minute * BURST)
        self._per_second = per_minute / 60
        self._clock = clock
        self._left, self._at = self._size, clock()
        self._lock = Lock()

    def take(self) -> float:
        """Take one; how many seconds to wait before it is sent. The bucket may owe: who comes
        later waits behind."""
        with self._lock:
            now = self._clock()
            gained = (now - self._at) * self._per_second
            self._left, self._at = min(self._size, self._left + gained) - 1, now
            return max(0.0, -self._left / self._per_second)


def of_account(connector: type[Connector], options: Mapping[str, object]) -> Pace:
    """The pace of the account that these options lead to."""
    return _shared(account(connector, options), connector.per_minute)


def account(connector: type[Connector], options: Mapping[str, object]) -> str:
    """What a vendor counts requests by, as far as options tell: where it is and what opens it. Of
    that a keyed hash."""
    known = settings_of(connector.Options)
    telling = [each for each in known if each.widget in _TELLING] or known
    values = [options.get(each.name) or each.default for each in telling]
    said = json.dumps([connector.slug, *values])
    return salted_hmac("sync.connections.pace", said, algorithm="sha256").hexdigest()


@lru_cache(maxsize=4096)
def _shared(name: str, per_minute: int) -> Pace:
    return Pace(per_minute)
