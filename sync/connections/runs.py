"""Runs: one at a time for a connection, each recorded, and what follows from how it ended."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base import errors as remote_errors
from sync.connections import holding, retracting
from sync.connections.outgoing import Counted
from sync.engine import bridge, endings, engine, states
from sync.engine.bridge import Bridge, Transport
from sync.engine.endings import Ending
from sync.errors import Guarded, LostLease, NotNow
from sync.leases import Lease, Pulse
from sync.models import Connection, Run
from vault.errors import Locked
from vault.granting import connecting
from vault.granting.connecting import ConnectionKey
from vault.ids import new_id
from vault.scope import vault_scope

logger = logging.getLogger(__name__)
KEPT = timedelta(days=90)
"""Records of runs."""
_INTERRUPTED = gettext_noop(
    "Its worker stopped in the middle. What was done stands; the next run does the rest."
)
_KEY_LOST = gettext_noop(
    "The server lost its key for this connection. Sign in again to give it a new one."
)


def run(
    vault_id: UUID,
    connection_id: UUID,
    run_token: str = "",
    kind: str = Run.Kind.SYNC,
    *,
    resync: bool = False,
    transport: Transport = bridge.outgoing,
) -> Run | None:
    """Do what is due now: a run, a preview, or taking back. None when another worker is at it, or
    nothing opens it: then its owner has to start it."""
    lease = Lease(lambda: _rows(vault_id, connection_id), lambda: vault_scope(vault_id))
    if not lease.take():
        return None
    try:
        row = _row(vault_id, connection_id)
        kind = _kind_now(row, kind)
        key = _key(row, run_token)
    except NotNow:
        lease.release(stage="")
        return None
    except Locked:
        lease.release(stage="", **({} if run_token else _shut(row)))
        return None
    except Exception:
        lease.release(stage="")
        raise
    record, steps = _begin(row, kind), _Steps()
    try:
        # A vendor may take longer for one answer than a lease lasts.
        with Pulse(lease, steps.progress) as pulse:
            steps.check = pulse.check
            if kind == Run.Kind.RETRACT:
                _retract(row, key, record, lease, steps, transport)
            else:
                _sync(row, key, record, lease, steps, transport, resync=resync)
    except LostLease:
        logger.warning("Another worker has taken a connection over.")
    return record


def newest(vault_id: UUID, connection_id: UUID, limit: int = 50) -> list[Run]:
    """The last runs, the newest first."""
    with vault_scope(vault_id):
        rows = Run.objects.filter(vault_id=vault_id, connection_id=connection_id)
        return list(rows.order_by("-started_at")[:limit])


def last_done(vault_id: UUID) -> dict[UUID, datetime]:
    """When the last run that came to its end began, of every connection that had one."""
    with vault_scope(vault_id):
        done = Run.objects.filter(vault_id=vault_id, kind=Run.Kind.SYNC, outcome="done")
        found = done.values("connection_id").annotate(last=Max("started_at")).order_by()
        return {one["connection_id"]: one["last"] for one in found}


def _sync(
    row: Connection,
    key: ConnectionKey,
    record: Run,
    lease: Lease,
    steps: "_Steps",
    transport: Transport,
    *,
    resync: bool,
) -> None:
    preview, sent = record.kind == Run.Kind.PREVIEW, Counted(transport)
    done: dict[str, object] = {}
    with endings.of(row, preview=preview) as ended:
        with bridge.opened(row, key, sent.transport) as both:
            both.tick = steps.tick
            account = both.remote.check()
            both.account = account
            if not preview:
                engine.move_in(both)
            found = engine.plan(both, resync=resync)
            record.full = found.listing.complete
            if preview:
                _count(both, found)
                _guard_told(both, found)
            else:
                steps.done = 0
                lease.update(stage="applying", total=len(found.actions), done=0)
                engine.guard(both, found)
                engine.begin(both)
                engine.apply(both, found)
                done = engine.checkpoint(both, found)
        record.counts, record.skipped = dict(both.tally.counts), both.tally.skipped
    _finish(row, record, lease, ended[0], sent, {} if preview else done)
    _hold_others(row, key, ended[0])


def _retract(
    row: Connection,
    key: ConnectionKey,
    record: Run,
    lease: Lease,
    steps: "_Steps",
    transport: Transport,
) -> None:
    sent, over = Counted(transport), False
    with endings.of(row, preview=False) as ended:
        over = retracting.run(row, key, sent.transport, steps.tick, record)
    ending = ended[0]
    if over:
        ending = Ending("done", "retracted")
    elif ending.event == "ran":
        ending = Ending("still there", "failed", record.said, endings.later(row))
    _finish(row, record, lease, ending, sent, {})
    if over:
        retracting.forget_keys(row)
    else:
        _hold_others(row, key, ended[0])


def _hold_others(row: Connection, key: ConnectionKey, ending: Ending) -> None:
    if ending.outcome == endings.OUTCOMES[remote_errors.RateLimited] and ending.next_at:
        holding.hold_others(row, key, ending.next_at)


def _finish(
    row: Connection,
    record: Run,
    lease: Lease,
    ending: Ending,
    sent: Counted,
    done: dict[str, object],
) -> None:
    now = timezone.now()
    record.outcome, record.said = ending.outcome, ending.said[:300]
    record.requests, record.finished_at = sent.count, now
    with vault_scope(row.vault_id):
        record.save()
        old = Run.objects.filter(vault_id=row.vault_id, connection_id=row.id)
        old.filter(started_at__lt=now - KEPT).delete()
        live = _rows(row.vault_id, row.id).select_for_update().get()
        fields: dict[str, object] = {"stage": "", "run_slot": None, "run_day": None, **done}
        if record.kind != Run.Kind.PREVIEW:
            fields |= _changed(row, live, ending)
        lease.release(**fields)


def _changed(row: Connection, live: Connection, ending: Ending) -> dict[str, object]:
    """What the connection's row says after it, unless its owner said something else meanwhile."""
    try:
        state = states.after(live.state, ending.event)
    except NotNow:
        return {}
    failed = ending.event not in ("ran", "retracted")
    fields: dict[str, object] = {
        "state": state,
        "said": ending.said[:300] if failed else "",
        "failures": live.failures + 1 if failed else 0,
        "next_at": ending.next_at if failed else _next(row, live, ending),
    }
    if ending.guard:
        held = ending.guard
        fields["guard"] = {"name": held.name, "said": held.said, "counts": dict(held.counts)}
    return fields


def _next(row: Connection, live: Connection, ending: Ending) -> datetime | None:
    """Sooner, when somebody asked for it while it ran: perhaps for what it no longer saw."""
    if live.next_at is None or live.next_at == row.next_at or not live.server_slot:
        return ending.next_at
    return min(live.next_at, ending.next_at or live.next_at)


def _begin(row: Connection, kind: str) -> Run:
    """The record of a run that begins now. What has none of an end yet has lost its worker: only
    who holds the lease runs."""
    with vault_scope(row.vault_id):
        mine = Run.objects.filter(vault_id=row.vault_id, connection_id=row.id)
        mine.filter(outcome="").update(outcome="interrupted", said=_INTERRUPTED)
        return Run.objects.create(
            vault_id=row.vault_id,
            id=new_id(),
            connection_id=row.id,
            kind=kind,
            started_at=timezone.now(),
        )


@dataclass(slots=True)
class _Steps:
    """How far a run is. `check` says whether it still holds its lease."""

    done: int = 0
    check: Callable[[], None] = lambda: None

    def tick(self) -> None:
        self.done += 1
        self.check()

    def progress(self) -> dict[str, int]:
        return {"done": self.done}


def _shut(row: Connection) -> dict[str, object]:
    """The server's slot opens no more: its owner has to sign in again, and is told so."""
    if row.state not in states.RUNNABLE:
        return {}
    return {"state": Connection.State.SIGN_IN, "said": _KEY_LOST, "next_at": None}


def _count(both: Bridge, found: engine.Plan) -> None:
    for action in found.actions:
        both.tally.add(action.verb.name.lower().replace("_", " "))


def _guard_told(both: Bridge, found: engine.Plan) -> None:
    try:
        engine.guard(both, found)
    except Guarded as held:
        both.tally.skip(held.guard.said)


def _kind_now(row: Connection, kind: str) -> str:
    """What may be done in its state: a message may have been long on its way. NotNow: nothing."""
    if row.state == Connection.State.RETRACTING:
        return Run.Kind.RETRACT
    fine = row.state in states.RUNNABLE
    looks = kind == Run.Kind.PREVIEW and row.state == Connection.State.BLOCKED
    if not (fine or looks) or kind == Run.Kind.RETRACT:
        raise NotNow(f"This connection is {row.state}.")
    return kind


def _key(row: Connection, run_token: str) -> ConnectionKey:
    if run_token and row.run_slot and row.run_day:
        return connecting.by_run(row.vault_id, row.id, run_token, row.run_day, row.run_slot)
    if row.server_slot:
        return connecting.by_server(row.vault_id, row.id, row.server_slot)
    raise NotNow("This connection runs when its owner starts it.")


def _rows(vault_id: UUID, connection_id: UUID) -> QuerySet[Connection]:
    return Connection.objects.filter(vault_id=vault_id, id=connection_id)


def _row(vault_id: UUID, connection_id: UUID) -> Connection:
    with vault_scope(vault_id):
        return _rows(vault_id, connection_id).get()


__all__ = ["Ending", "last_done", "newest", "run"]
