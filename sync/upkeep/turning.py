"""Bringing a collection to indexed or sealed search in the background: begin, watch, go on.

The job's slot is the lease, as for embedding. Each step renews it in its own transaction, so that
of two jobs the older one stops before it can do harm.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sync import leases, outbox, tasks
from sync.errors import LostLease
from sync.upkeep import embedding
from vault.access import Access
from vault.embedding import modes
from vault.errors import Locked, NotFound, Stale
from vault.keys.jobs import end_job, open_job, start_job
from vault.keys.keyring import only
from vault.models import JobSlot
from vault.scope import vault_scope
from vault.search import shelves
from vault.tasks import tend_indexes

logger = logging.getLogger(__name__)

_STALLED_AFTER = timedelta(minutes=5)
_TURN = min(20.0, leases.LASTS.total_seconds() / 3)

Start = Callable[[str, UUID], object]
"""What to do with the job's token and the collection's id once both are committed."""


@dataclass(frozen=True, slots=True)
class State:
    """How a collection is searched; and whether anybody is at bringing it to the other way:
    "stalled" when keys or worker are lost and only the owner can let it go on."""

    mode: modes.State
    work: Literal["none", "going", "stalled"]


def send(job_token: str, collection_id: UUID) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_turning, job_token, str(collection_id))


def set_indexed(access: Access, collection_id: UUID, *, indexed: bool, start: Start = send) -> None:
    """Have a collection searched through pgvector, or sealed again. Ask for the password first:
    indexed mode is obfuscation, not encryption. Told again, it goes on from where it was."""
    with vault_scope(access.vault_id):
        if modes.begin(access, collection_id, indexed=indexed):
            _jobs(access, collection_id).delete()  # an older job finds its slot gone and stops
            keyring = only(access.keyring, {collection_id})
            lasts = embedding.KEPT - leases.LASTS
            token = start_job(access, _purpose(collection_id), keyring, lasts)
            transaction.on_commit(lambda: start(token, collection_id))


def state(access: Access, collection_id: UUID) -> State:
    """NotFound unless the asker may see the collection."""
    mode = modes.state(access, collection_id)
    if not mode.becoming:
        return State(mode, "none")
    with vault_scope(access.vault_id):
        job = _jobs(access, collection_id).order_by("-expires_at").first()
    silent = timezone.now() - (job.expires_at - embedding.KEPT) if job else _STALLED_AFTER
    return State(mode, "going" if silent < _STALLED_AFTER else "stalled")


@dataclass(frozen=True, slots=True)
class Again:
    """Another turn is wanted, from that step on, after so many seconds."""

    step: dict[str, Any]
    wait: float = 0.0


def run(job_token: str, collection_id: UUID, step: dict[str, Any]) -> Again | None:
    """Do a turn. None: it is done, or only the owner can go on."""
    try:
        access = open_job(job_token, "Search")
    except Locked:
        return None
    turn = embedding.Turn(access)
    if not turn.take():
        return Again(step, leases.LASTS.total_seconds() / 2)
    try:
        following = _work(turn, collection_id, modes.Step(**step))
    except LostLease:
        return None
    except (Stale, NotFound) as error:
        logger.info("A collection's way to another search stopped: %s", type(error).__name__)
        following = modes.Step(done=True)
    if following.done:
        shelves.keep_due(access)
        end_job(access)
        outbox.leave(tend_indexes)
        return None
    turn.release()
    return Again(asdict(following))


def _work(turn: embedding.Turn, collection: UUID, step: modes.Step) -> modes.Step:
    until = time.monotonic() + _TURN
    while not step.done and time.monotonic() < until:
        with vault_scope(turn.access.vault_id):
            turn.renew()
            step = modes.go_on(turn.access, collection, step)
    return step


def _purpose(collection: UUID) -> str:
    return f"mode {collection.hex}"[:32]


def _jobs(access: Access, collection: UUID):  # type: ignore[no-untyped-def]
    return JobSlot.objects.filter(vault_id=access.vault_id, purpose=_purpose(collection))
