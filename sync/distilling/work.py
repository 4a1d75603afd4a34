"""A run of distilling at work: conversation after conversation, a piece of each at a time.

What came of a piece is committed together with how far its conversation was read, what that cost,
and the lease. A worker that dies loses the one question that is under way, and nothing is proposed
twice. A turn is short and ends by asking for the next, so that other work gets the worker.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Exists, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from sync import leases
from sync.distilling import model, reading, runs, selecting
from sync.distilling.errors import ChatBusy, ChatRefused
from sync.distilling.plan import Plan
from sync.errors import LostLease
from sync.leases import Lease, Pulse
from sync.models import Distilling as Row
from vault.access import Access
from vault.errors import Locked, VaultError
from vault.keys.jobs import end_job, open_job
from vault.models import JobSlot
from vault.reviewing import distilled
from vault.scope import vault_scope
from vault.talks import Talk

logger = logging.getLogger(__name__)

State = Row.State
_TURN = min(20.0, leases.LASTS.total_seconds() / 3)
_SHORTEST_WAIT, _LONGEST_WAIT = 2.0, 900.0
_MOST_FAILURES = 60
MOST_IN_A_ROW = 5
"""Conversations in a row of which the model's answers cannot be read: then it is asked no more."""
_NOT_READABLE = gettext_noop(
    "The model's answers cannot be read, several times in a row. Choose a larger or newer model"
    " under Settings, then go on."
)
_FULL = gettext_noop(
    "As many proposals wait for your word as may. Decide on some under Review, then go on."
)
_OUR_FAULT = gettext_noop(
    "Something went wrong on our side. Nothing is lost: go on, or end it here."
)


@dataclass(frozen=True, slots=True)
class Again:
    """Another turn is wanted, after so many seconds."""

    wait: float = 0.0


class Work:
    """A worker's hold on a run. `row` is what it wrote last, or will write with the next piece."""

    def __init__(self, access: Access, run_id: UUID) -> None:
        self.access, self.run_id = access, run_id
        keys = JobSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id)
        self.lease = Lease(
            lambda: self._rows().filter(Exists(keys), state=State.WORKING),
            lambda: vault_scope(access.vault_id),
        )
        self.refresh()
        self.heard: list[str] | None = None

    def _rows(self) -> QuerySet[Row]:
        return Row.objects.filter(vault_id=self.access.vault_id, id=self.run_id)

    def refresh(self) -> None:
        with vault_scope(self.access.vault_id):
            self.row: Row = self._rows().get()

    @property
    def plan(self) -> Plan:
        return runs.plan_of(self.access, self.row)

    @property
    def here(self) -> Plan:
        """Of the collections that are still there."""
        return self.plan.within(self.access.visible)

    def waiting_texts(self) -> list[str]:
        """The words of the proposals that wait, those of this turn too."""
        if self.heard is None:
            self.heard = distilled.texts_waiting(self.access)
        return self.heard

    def count(self, what: str, by: int = 1) -> None:
        if by:
            self.row.counts[what] = self.row.counts.get(what, 0) + by

    def save(self, **fields: object) -> None:
        """Write what was counted, and renew the lease. LostLease when it is somebody else's."""
        row = self.row
        self.lease.update(
            counts=row.counts,
            tokens_in=row.tokens_in,
            tokens_out=row.tokens_out,
            guessed=row.guessed,
            failures=row.failures,
            **fields,
        )

    def pulse(self) -> Pulse:
        return Pulse(self.lease, dict)

    def tell(self, said: str) -> bytes:
        """Seal what keeps it from going on."""
        model.seal(self.access, self.row, self.plan.saying(said[:300]).to_json())
        return bytes(self.row.sealed)

    def pause(self, said: str) -> None:
        """Only its owner can go on."""
        self.save(state=State.PAUSED, sealed=self.tell(said), lease_owner=None, wait_until=None)
        end_job(self.access)

    def finish(self) -> None:
        plan = self.plan
        model.seal(self.access, self.row, plan.keyless().saying("").to_json())
        with vault_scope(self.access.vault_id):
            read = self.row.counts.get("conversations", 0)
            self.save(
                state=State.DONE,
                finished_at=timezone.now(),
                sealed=self.row.sealed,
                lease_owner=None,
                wait_until=None,
            )
            runs.log(self.access, f"{runs.counted(read)}, with {plan.choice.model}")
        end_job(self.access)


def run(run_id: UUID, job_token: str) -> Again | None:
    """Do a turn. None: nothing is left to do, or only the owner can go on."""
    try:
        access = open_job(job_token, distilled.ASKER)
    except Locked:
        return None
    work = Work(access, run_id)
    if work.row.state != State.WORKING:
        end_job(access)
        return None
    if (wait := _early(work.row)) > 0:
        return Again(wait)
    if not work.lease.take():
        return Again(leases.LASTS.total_seconds() / 2)
    work.refresh()
    try:
        return _turn(work)
    except LostLease:
        return None


def _early(row: Row) -> float:
    """Seconds that are still to be waited, cut to what a message may wait."""
    left = (row.wait_until - timezone.now()).total_seconds() if row.wait_until else 0.0
    return min(left, leases.LASTS.total_seconds() / 2)


def _turn(work: Work) -> Again | None:
    try:
        return _go_on(work)
    except LostLease:
        raise
    except ChatBusy as busy:
        return _back_off(work, busy)
    except (ChatRefused, VaultError) as refused:
        work.refresh()  # what was counted and not written did not happen
        work.pause(str(refused))
    except Exception as error:
        # The message could quote the conversation: only its kind and place go to the log.
        logger.error("Distilling %s failed: %s", work.run_id, _place(error))
        work.refresh()
        work.pause(_OUR_FAULT)
    return None


def _go_on(work: Work) -> Again | None:
    """Talk after talk, until the turn is over, nothing is left, or something has to be said."""
    until = time.monotonic() + _TURN

    def over() -> bool:
        return time.monotonic() > until

    for talk in _next(work):
        if distilled.waiting(work.access) >= distilled.MOST_WAITING:
            work.pause(_FULL)
            return None
        if not reading.read(work, talk, over):
            break
        if work.row.counts.get("in a row", 0) >= MOST_IN_A_ROW:
            work.row.counts["in a row"] = 0
            work.pause(_NOT_READABLE)
            return None
        if over():
            break
    else:
        work.finish()
        return None
    work.save(lease_owner=None)
    return Again()


def _next(work: Work) -> list[Talk]:
    left = work.row.total - work.row.counts.get("conversations", 0)
    return selecting.waiting(work.access, work.here.wanted, work.run_id)[: max(0, left)]


def _back_off(work: Work, busy: ChatBusy) -> Again | None:
    work.row.failures += 1
    if work.row.failures > _MOST_FAILURES:
        work.pause(f"{busy} It did not come back for a long time.")
        return None
    asked = min(_LONGEST_WAIT, _SHORTEST_WAIT * 2 ** min(work.row.failures - 1, 12))
    wait = asked if busy.wait is None else max(busy.wait, 1.0)
    at = timezone.now() + timedelta(seconds=wait)
    said = f"{busy} It is asked again by itself."
    work.save(sealed=work.tell(said), wait_until=at, lease_owner=None)
    return Again(min(wait, leases.LASTS.total_seconds() / 2))


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
