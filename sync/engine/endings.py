"""How a run ends, and what follows: the event for `states`, a sentence, when the next is due."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base import errors as remote_errors
from sync.engine import backing
from sync.engine.guards import Guard
from sync.errors import Guarded, LostLease, SyncError
from sync.models import Connection
from vault.errors import KeyChanged, Locked, VaultError

logger = logging.getLogger(__name__)

_SOON = timedelta(seconds=30)
_OUR_FAULT = gettext_noop("Something went wrong on our side. It is tried again by itself.")
OUTCOMES = {
    remote_errors.RateLimited: "rate limited",
    remote_errors.Unavailable: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: its outcome, the event for `states`, a sentence, when the next is due."""

    outcome: str
    event: str
    said: str = ""
    next_at: datetime | None = None
    guard: Guard | None = None


@contextmanager
def of(row: Connection, *, preview: bool) -> Iterator[list[Ending]]:
    """The first of the list is how the work inside ended."""
    found: list[Ending] = []
    try:
        yield found
    except LostLease:
        raise
    except Exception as error:
        found.append(_after(row, error))
    else:
        every = timedelta(minutes=row.every)
        due = backing.spread(row.id, every, timezone.now()) if row.every else None
        found.append(Ending("done", "ran", next_at=due))


def _after(row: Connection, error: Exception) -> Ending:
    said = str(error)
    if isinstance(error, Guarded):
        return Ending("guarded", "guarded", said, guard=error.guard)
    if isinstance(error, (remote_errors.AuthError, remote_errors.Misconfigured)):
        return Ending("refused", "refused", said)
    if isinstance(error, (KeyChanged, Locked)):  # it goes on with what its grant is by now
        return Ending("stopped", "ran", said, timezone.now() + _SOON)
    if isinstance(error, remote_errors.ConnectorError):
        outcome = OUTCOMES.get(type(error), "bad response")
        return Ending(outcome, "failed", said, later(row, error))
    if not isinstance(error, (VaultError, SyncError)):
        logger.exception("A run of a connection failed.")
        said = _OUR_FAULT
    return Ending("failed", "failed", said, later(row))


def later(row: Connection, error: remote_errors.ConnectorError | None = None) -> datetime | None:
    error = error or remote_errors.Unavailable("")
    now = timezone.now()
    return backing.retry_at(error, row.failures + 1, now=now, random=SystemRandom())
