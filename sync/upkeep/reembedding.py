"""Switching the embedder in the background: begin, watch, go on, cancel."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from sync import leases, outbox, tasks
from sync.upkeep import embedding
from vault.access import Access
from vault.embedding import indexing, switching
from vault.embedding.embedders import choices, spaces
from vault.embedding.switching import Progress
from vault.errors import Stale, Tampered
from vault.keys import jobs
from vault.keys.jobs import start_job
from vault.keys.keyring import only
from vault.models import JobSlot, Vault
from vault.scope import vault_scope
from vault.search.choice import Choice

logger = logging.getLogger(__name__)

PURPOSE = "embed"
_STALLED_AFTER = timedelta(minutes=5)
_RECENT = 5_000  # the last changes of a vault that are looked through for memories without vectors
_LOOK_EVERY = 60.0
_AGAIN_AFTER = 15 * 60.0  # what one job could not embed, the next one hardly will

Start = Callable[[str], object]
"""What to do with the job's token once it is committed."""


@dataclass(frozen=True, slots=True)
class State:
    """How far it is, and whether anybody is at it: "stalled" when its keys or its worker are lost
    and only the owner can let it go on."""

    progress: Progress
    work: Literal["none", "going", "stalled"]

    @property
    def going(self) -> bool:
        return self.work == "going"


def send(job_token: str) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_embedding, job_token)


def send_if_possible(job_token: str) -> None:
    """The same where nobody waits for it: a broker that is out of order must not keep pages from
    being shown."""
    try:
        tasks.run_embedding.apply_async((job_token,), retry=False)
    except OperationalError:
        logger.warning("The broker does not answer: memories are embedded later.")
        jobs.shred(job_token)


def begin(access: Access, choice: Choice, *, start: Start = send) -> None:
    """Switch to an embedder that was tried out. Search goes on with the present one meanwhile."""
    with vault_scope(access.vault_id):
        switching.switch(access, choice)
        _start(access, start)


def resume(access: Access, *, start: Start = send) -> None:
    """Go on from where it safely was, whatever stopped it, with the keys of this session."""
    access.must_own()
    with vault_scope(access.vault_id):
        switching.note_trouble(access, "")
        _start(access, start)


def cancel(access: Access) -> None:
    """Keep the present embedder; what was made with the other is deleted."""
    with vault_scope(access.vault_id):
        switching.cancel_switch(access)
        _jobs(access).delete()


def state(access: Access) -> State:
    progress = switching.progress(access)
    with vault_scope(access.vault_id):
        job = _jobs(access).order_by("-expires_at").first()
    now = timezone.now()
    silent = now - (job.expires_at - embedding.KEPT) if job else None
    if silent is not None and silent < _STALLED_AFTER:
        return State(progress, "going")
    return State(progress, "stalled" if progress.next else "none")


def catch_up(access: Access, *, start: Start = send_if_possible) -> bool:
    """When the owner comes: let go on what lost its keys, and embed what was written while a
    server did not answer. Whether a job was started. Looks at most once a minute."""
    access.must_own()
    seen = _looked.get(access.vault_id)
    if seen is not None and time.monotonic() - seen < _LOOK_EVERY:
        return False
    _looked[access.vault_id] = time.monotonic()
    try:
        with vault_scope(access.vault_id):
            alive = _jobs(access).filter(expires_at__gt=timezone.now()).exists()
            if alive or not _needed(access):
                return False
            _start(access, start)
    except (Stale, Tampered):
        return False  # searching says so; the page that shows what it is must open
    _looked[access.vault_id] += _AGAIN_AFTER
    return True


_looked: dict[UUID, float] = {}


def _needed(access: Access) -> bool:
    found = choices(access)
    if any(one.next is not None and not one.trouble for one in found.values()):
        return True
    models = {c: space.model for c, space in spaces(access, found).items()}
    seq = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
    return indexing.wanting(access, models).filter(seq__gt=seq - _RECENT).exists()


def _start(access: Access, start: Start) -> None:
    """One job a vault: an older one finds its slot gone and stops."""
    _jobs(access).delete()
    keyring = only(access.keyring, access.visible)
    token = start_job(access, PURPOSE, keyring, embedding.KEPT - leases.LASTS)
    transaction.on_commit(lambda: start(token))


def _jobs(access: Access):  # type: ignore[no-untyped-def]
    return JobSlot.objects.filter(vault_id=access.vault_id, purpose=PURPOSE)
