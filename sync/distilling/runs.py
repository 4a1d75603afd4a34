"""Runs of distilling, as their owner begins, watches, stops, continues and ends them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from sync import outbox, tasks
from sync.distilling import model, selecting
from sync.distilling.plan import Plan
from sync.distilling.types import Run, RunState
from sync.errors import NotNow
from sync.models import Distilling as Row
from sync.models import DistillingModel
from vault import collections
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale, Tampered
from vault.ids import new_id
from vault.keys import jobs
from vault.keys.epochs import epochs
from vault.keys.jobs import start_job
from vault.keys.keyring import only
from vault.log import access_log
from vault.scope import vault_scope
from vault.talks import Talk, Wanted

State = Row.State
JOB_LASTS = timedelta(days=3)
MOST_AT_ONCE = 5_000
_STALLED_AFTER = timedelta(minutes=5)

Start = Callable[[UUID, str], object]
"""What to do with a run's id and its job's token once both are committed."""


def send(run_id: UUID, job_token: str) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_distilling, str(run_id), job_token)


def begin(
    access: Access,
    wanted: Wanted,
    *,
    most: int,
    into: UUID | None = None,
    start: Start = send,
) -> Run:
    """Read at most so many of these conversations with the model that was chosen. A run before this
    that did not end is over then. Invalid when there is no model, or nothing to read."""
    access.must_own()
    plan = Plan(model.chosen(access), replace(wanted, until=timezone.now()), into)
    access.narrowed({*wanted.collections, *([into] if into else [])})
    meant = selecting.waiting(access, plan.wanted)[: max(0, min(most, MOST_AT_ONCE))]
    if not meant:
        raise Invalid(gettext("No conversation here waits to be distilled."))
    with vault_scope(access.vault_id):
        # Of two clicks at once the second waits here, and ends what the first began.
        list(DistillingModel.objects.filter(vault_id=access.vault_id).select_for_update())
        for older in unfinished(access):
            close(access, older)
        row = _new_row(access, plan, meant)
        log(access, f"Up to {counted(len(meant))}, to {_named(plan)}")
        _start(access, row, start)
    return get(access, row.id)


def get(access: Access, run_id: UUID) -> Run:
    access.must_own()
    with vault_scope(access.vault_id):
        return _view(access, _row(access, run_id))


def listing(access: Access) -> list[Run]:
    """The newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-started_at")
        return [_view(access, row) for row in rows[:20]]


def stop(access: Access, run_id: UUID) -> Run:
    """For now: what is being asked at this moment is lost, all before it stays."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, run_id, State.WORKING)
        pause(access, row)
    return get(access, run_id)


def resume(access: Access, run_id: UUID, *, start: Start = send) -> Run:
    """Go on from where it safely was, with the model as it is chosen now."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, run_id, State.WORKING, State.PAUSED)
        if row.state == State.WORKING and not _stalled(access, row):
            raise NotNow(gettext("This is being worked on. There is nothing to continue."))
        plan = replace(plan_of(access, row), choice=model.chosen(access), said="")
        if not plan.within(access.visible).wanted.collections:
            raise Invalid(gettext("Every collection it was to read was deleted. End it here."))
        model.seal(access, row, plan.to_json())
        row.state, row.failures, row.wait_until = State.WORKING, 0, None
        row.save(update_fields=["state", "failures", "wait_until", "sealed"])
        log(access, f"Went on, with {_named(plan)}")
        _start(access, row, start)
    return get(access, run_id)


def end(access: Access, run_id: UUID) -> Run:
    """For good. What it proposed stays under Review."""
    access.must_own()
    with vault_scope(access.vault_id):
        close(access, _row(access, run_id, State.WORKING, State.PAUSED))
    return get(access, run_id)


def unfinished(access: Access) -> list[Row]:
    """Within a scope, locked."""
    rows = Row.objects.filter(vault_id=access.vault_id, finished_at=None)
    return list(rows.order_by("id").select_for_update())


def close(access: Access, row: Row) -> None:
    """End this one. Within a scope. Its API key goes; where it does not open, all of it."""
    try:
        model.seal(access, row, plan_of(access, row).keyless().to_json())
    except (Refused, Stale, Tampered):
        row.sealed = b""
    row.state, row.finished_at, row.lease_owner = State.ENDED, timezone.now(), None
    row.save(update_fields=["state", "finished_at", "lease_owner", "sealed"])
    jobs.of(access, purpose(row)).delete()


def plan_of(access: Access, row: Row) -> Plan:
    return Plan.from_json(model.open_sealed(access, row))


def log(access: Access, words: str) -> None:
    access_log.record(access, "distilled", purpose=words)


def counted(number: int) -> str:
    return f"{number:,} conversation{'' if number == 1 else 's'}"


def purpose(row: Row) -> str:
    return f"distil {row.id.hex}"[:32]


def _new_row(access: Access, plan: Plan, meant: Sequence[Talk]) -> Row:
    home = collections.listing(access)[0].id
    row = Row(
        vault_id=access.vault_id,
        id=new_id(),
        collection_id=home,
        epoch=epochs(access, [home])[home],
        total=len(meant),
        turns=sum(talk.turns for talk in meant),
        started_at=timezone.now(),
    )
    model.seal(access, row, plan.to_json())
    row.save(force_insert=True)
    return row


def _named(plan: Plan) -> str:
    return f"{plan.choice.model} at {plan.choice.host}"


def pause(access: Access, row: Row) -> None:
    """Whoever works at it has lost its hold. Within a scope."""
    jobs.of(access, purpose(row)).delete()
    row.state, row.lease_owner, row.wait_until = State.PAUSED, None, None
    row.save(update_fields=["state", "lease_owner", "wait_until"])


def _start(access: Access, row: Row, start: Start) -> None:
    """A job of its own with keys of its own: of all collections, since what is anywhere in them is
    not proposed. The message goes out once the row is committed."""
    jobs.of(access, purpose(row)).delete()  # an older one, if it still works, has lost its hold
    token = start_job(access, purpose(row), only(access.keyring, access.visible), JOB_LASTS)
    mine = Row.objects.filter(vault_id=row.vault_id, id=row.id)
    mine.update(lease_owner=None, lease_until=timezone.now())
    run_id = row.id
    transaction.on_commit(lambda: start(run_id, token))


def _row(access: Access, run_id: UUID, *states: Row.State) -> Row:
    rows = Row.objects.filter(vault_id=access.vault_id, id=run_id)
    row = (rows.select_for_update() if states else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such run."))
    if states and row.state not in states:
        raise NotNow(gettext("This has moved on. Look at it again."))
    return row


def _stalled(access: Access, row: Row) -> bool:
    if row.state != State.WORKING:
        return False
    heard = max(filter(None, (row.lease_until, row.wait_until)), default=row.started_at)
    late = timezone.now() - heard > _STALLED_AFTER
    return late or not jobs.of(access, purpose(row)).exists()


def _view(access: Access, row: Row) -> Run:
    try:
        plan = plan_of(access, row) if row.sealed else None
    except (Refused, Stale, Tampered):
        plan = None
    return Run(
        id=row.id,
        state=cast(RunState, row.state),
        model=plan.choice.model if plan else "",
        host=plan.choice.host if plan else "",
        said=plan.said if plan and (row.state == State.PAUSED or row.wait_until) else "",
        total=row.total,
        counts=row.counts,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        cost=plan.choice.cost(row.tokens_in, row.tokens_out) if plan else None,
        guessed=row.guessed,
        gone=len(set(plan.wanted.collections) - access.visible) if plan else 0,
        elsewhere=plan is not None and plan.into is not None and plan.into not in access.visible,
        stalled=_stalled(access, row),
        wait_until=row.wait_until,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
