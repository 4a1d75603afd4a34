"""A worker's hold on a piece of work: kept while it speaks, free for another once it is silent."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connections
from django.db.models import Q, QuerySet
from django.utils import timezone

from sync.errors import LostLease
from vault.ids import new_id

LASTS = timedelta(seconds=settings.SATCHEL_VISIBILITY_TIMEOUT / 2)
"""A worker that is silent for so long is taken for dead."""


class Lease:
    """Holds the one row that `rows` answers within `scope`; it has `lease_owner` and
    `lease_until`."""

    def __init__(
        self, rows: Callable[[], QuerySet[Any]], scope: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._rows, self._scope = rows, scope
        self._holder = new_id()
        self._spoke = time.monotonic()

    @property
    def silent(self) -> bool:
        """Whether it is time to renew it, progress or not."""
        return time.monotonic() - self._spoke > LASTS.total_seconds() / 4

    def take(self) -> bool:
        """True when this worker holds it now."""
        now = timezone.now()
        with self._scope():
            free = self._rows().filter(Q(lease_until__lt=now) | Q(lease_owner=None))
            return free.update(lease_owner=self._holder, lease_until=now + LASTS) == 1

    def update(self, **fields: object) -> None:
        """Write these and renew it. LostLease when another worker has it, or nobody should."""
        with self._scope():
            mine = self._rows().filter(lease_owner=self._holder)
            if not mine.update(lease_until=timezone.now() + LASTS, **fields):
                raise LostLease("Another worker has taken this over.")
        self._spoke = time.monotonic()

    def release(self, **fields: object) -> None:
        """Write these for the last time."""
        self.update(lease_owner=None, **fields)


class Pulse:
    """Keeps a lease from a thread with a connection of its own, and writes how far the work is:
    for work inside one long transaction, which nobody sees from outside before it ends."""

    def __init__(self, lease: Lease, progress: Callable[[], Mapping[str, object]]) -> None:
        self._lease, self._progress = lease, progress
        self._stop = Event()
        self._wrong: Exception | None = None
        self._thread = Thread(target=self._run, daemon=True)

    def check(self) -> None:
        """LostLease, or whatever else kept the thread from writing."""
        if self._wrong is not None:
            raise self._wrong

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.wait(min(1.0, LASTS.total_seconds() / 4)):
                self._lease.update(**self._progress())
        except Exception as wrong:
            self._wrong = wrong
        finally:
            connections.close_all()
