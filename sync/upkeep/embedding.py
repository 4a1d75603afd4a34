"""One turn of embedding what needs it: for the present embedders, then for those being switched to.

A turn is short and ends by asking for the next, so that other work gets the worker in between. The
job's slot is the lease: it says when a worker last gave a sign of life, and is gone when the owner
cancels. What has its vector is done, so a turn that dies loses one portion.
"""

import logging
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from sync import leases
from sync.errors import LostLease
from sync.models import Import
from sync.tasks import RUNNING
from vault.access import Access
from vault.embedding import folding, indexing, switching
from vault.embedding.embedders import choices
from vault.errors import Locked, Stale
from vault.keys.jobs import end_job, open_job
from vault.models import JobSlot
from vault.scope import vault_scope
from vault.search.choice import Choice
from vault.search.errors import EmbedderDown, EmbedderRefused

logger = logging.getLogger(__name__)

KEPT = timedelta(days=2)
"""How long the job's keys outlive its last sign of life."""
_TURN = min(20.0, leases.LASTS.total_seconds() / 3)
_PATIENCE = min(30.0, leases.LASTS.total_seconds() / 2)
_PORTION = 64
_LONGEST_WAIT = leases.LASTS.total_seconds()  # a longer one would be delivered twice
_MOST_FAILURES = {"present": 60, "next": 24 * 60, "sweep": 1}  # an hour, or a day, of them


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the work is, as a message says it: of a `stage` everything up to memory `after`.

    `refused` counts the memories that the model did not take, `failures` the turns in a row in
    which the server did not answer.
    """

    stage: str = "present"
    after: str = ""
    refused: int = 0
    failures: int = 0

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Cursor":
        return cls(**data)

    def to_json(self) -> dict[str, str | int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Again:
    """Another turn is wanted, after so many seconds."""

    cursor: Cursor
    wait: float = 0.0


class Turn:
    """A worker's hold on the job."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._mine: datetime | None = None

    def take(self) -> bool:
        """False while another worker has it."""
        now = timezone.now()
        return self._set(now + KEPT, expires_at__lte=now + KEPT - leases.LASTS)

    def renew(self) -> None:
        """LostLease when the job was cancelled or taken over."""
        if not self._set(timezone.now() + KEPT, expires_at=self._mine):
            raise LostLease("Another worker has taken this over.")

    def release(self) -> None:
        self._set(free(timezone.now()), expires_at=self._mine)

    def _set(self, until: datetime, **now: object) -> bool:
        with vault_scope(self.access.vault_id):
            rows = JobSlot.objects.filter(
                vault_id=self.access.vault_id, id=self.access.asker.id, **now
            )
            self._mine = until
            return rows.update(expires_at=until) == 1


def free(now: datetime) -> datetime:
    """The end of a slot that nobody holds: any worker may take it."""
    return now + KEPT - leases.LASTS


def run(job_token: str, cursor: Cursor) -> Again | None:
    """Do a turn. None: nothing is left to do, or only the owner can go on."""
    try:
        access = open_job(job_token, "Search model")
    except Locked:
        return None
    turn = Turn(access)
    if not turn.take():
        return Again(cursor, leases.LASTS.total_seconds() / 2)
    try:
        again = _work(turn, cursor)
    except LostLease:
        return None
    except Stale:  # a collection got a new key, which this job does not have
        logger.info("Embedding stopped: a key was changed. It goes on when its owner comes.")
        again = None
    if again is None:
        end_job(access)
    else:
        turn.release()
    return again


def _work(turn: Turn, cursor: Cursor) -> Again | None:
    try:
        return _STAGES[cursor.stage](turn, cursor)
    except EmbedderRefused as refused:
        switching.note_trouble(turn.access, str(refused))
        return _after_present(cursor)
    except EmbedderDown as down:
        switching.note_trouble(turn.access, f"{down} Trying again every minute.")
        if cursor.stage == "present" and _wanted(turn.access, "next"):
            return _after_present(cursor)
        if cursor.failures >= _MOST_FAILURES[cursor.stage]:
            return None
        wait = _LONGEST_WAIT if down.wait is None else min(down.wait, _LONGEST_WAIT)
        return Again(replace(cursor, failures=cursor.failures + 1), wait)


def _after_present(cursor: Cursor) -> Again | None:
    """That the present embedder is out of order must not keep anybody from leaving it."""
    return Again(Cursor("next")) if cursor.stage == "present" else None


def _present(turn: Turn, cursor: Cursor) -> Again:
    """What has no vector yet of the embedder in use. An import that is at it is left to it."""
    if not _importing(turn.access):
        cursor, through = _embed(turn, cursor)
        if not through:
            return Again(cursor)
    return Again(Cursor("next"))


def _next(turn: Turn, cursor: Cursor) -> Again:
    """What has no vector yet of the embedder to come; and when all has, the change itself."""
    cursor, through = _embed(turn, cursor)
    if not through:
        return Again(cursor)
    folding.fold(turn.access)
    turn.renew()
    left = [
        collection
        for collection in _wanted(turn.access, "next")
        if not switching.complete(turn.access, collection, cursor.refused)
    ]
    if left:  # memories came meanwhile
        return Again(Cursor("next"))
    return Again(Cursor("sweep"), _LONGEST_WAIT)


def _sweep(turn: Turn, cursor: Cursor) -> None:
    """Searches that began before the change are over by now: nobody needs the old vectors."""
    switching.sweep(turn.access)


_STAGES = {"present": _present, "next": _next, "sweep": _sweep}


def _embed(turn: Turn, cursor: Cursor) -> tuple[Cursor, bool]:
    """Portion after portion, until the turn is over or the stage is through (True)."""
    until, access = time.monotonic() + _TURN, turn.access
    while True:
        turn.renew()
        wanted = _wanted(access, cursor.stage)
        after = UUID(cursor.after) if cursor.after else None
        portion = indexing.embed_next(access, after, _PORTION, wanted, _PATIENCE)
        if cursor.failures:
            switching.note_trouble(access, "")
        if portion.last is None:
            return cursor, True
        refused = cursor.refused + len(portion.refused)
        cursor = Cursor(cursor.stage, str(portion.last), refused)
        if time.monotonic() > until:
            return cursor, False


def _wanted(access: Access, stage: str) -> dict[UUID, Choice]:
    with vault_scope(access.vault_id):
        found = choices(access)
    if stage == "present":
        return {collection: one.now for collection, one in found.items()}
    return {collection: one.next for collection, one in found.items() if one.next is not None}


def _importing(access: Access) -> bool:
    with vault_scope(access.vault_id):
        return Import.objects.filter(vault_id=access.vault_id, state__in=RUNNING).exists()
