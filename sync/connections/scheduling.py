"""Starting what is due. Nothing is opened here: the worker that takes a message does that."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sync import outbox, tasks
from sync.engine import states
from sync.leases import LASTS
from sync.models import Connection as Row
from sync.models import Due, Run
from vault.models import Grant
from vault.scope import vault_scope


def start_due() -> int:
    """A message for every connection that is due, in whatever vault. How many were left. It costs
    what is due, not what there is."""
    count, rows = 0, Due.objects.filter(at__lte=timezone.now()).order_by("vault_id", "at")
    for vault_id, looked_at in groupby(list(rows), lambda one: one.vault_id):
        due = _look(vault_id, list(looked_at))
        for connection_id in due:
            if not _start(vault_id, connection_id):
                return count  # there is no broker: each further try would only take its time
            count += 1
    return count


def follow_grants(vault_id: UUID, only: Collection[UUID] | None = None) -> None:
    """What was done to grants elsewhere: one that was revoked ends its connection, one that was
    changed is looked at again soon. Within a scope."""
    rows = Row.objects.filter(vault_id=vault_id).exclude(state=Row.State.GONE)
    rows = rows if only is None else rows.filter(id__in=only)
    grants = Grant.objects.filter(vault_id=vault_id, id__in=[row.grant_id for row in rows])
    found = {grant.id: grant for grant in grants}
    now = timezone.now()
    for row in rows:
        grant = found.get(row.grant_id)
        over = grant is None or grant.revoked_at is not None
        if over and row.state != Row.State.RETRACTING:
            _rows(vault_id, row.id).update(state=Row.State.RETRACTING, next_at=now)
        elif grant is not None and grant.version != row.grant_version and row.server_slot:
            due = row.state in states.RUNNABLE and (row.next_at is None or row.next_at > now)
            if due and row.full_at is not None:
                _rows(vault_id, row.id).update(next_at=now, full_at=None)


def _look(vault_id: UUID, rows: Sequence[Due]) -> list[UUID]:
    """Of these, those whose next step is due now and which the server can open; of the others it is
    written down when they are."""
    ids = [row.connection_id for row in rows]
    with vault_scope(vault_id):
        follow_grants(vault_id, ids)
        times = _times(vault_id, ids)
        now = timezone.now()
        for row in rows:
            at = times.get(row.connection_id)
            same = Due.objects.filter(connection_id=row.connection_id, at=row.at)
            if at is None:
                same.delete()
            elif at > now:
                same.update(at=at)
    return [id for id in ids if id in times and times[id] <= now]


def _times(vault_id: UUID, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When the next step of each is due, of those that the server can open. Within a scope."""
    wanted = (*states.RUNNABLE, Row.State.RETRACTING)
    rows = Row.objects.filter(vault_id=vault_id, id__in=ids, state__in=wanted)
    rows = rows.exclude(server_slot=None)
    return {id: at for id, at in rows.values_list("id", "next_at") if at is not None}


def _start(vault_id: UUID, connection_id: UUID) -> bool:
    """Leave a message for it. False when there is no broker."""
    words = (str(vault_id), str(connection_id), "", str(Run.Kind.SYNC), False)
    with vault_scope(vault_id):
        _asked(vault_id, connection_id)
    left = outbox.leave(tasks.run_connection, *words)
    if not left:
        with vault_scope(vault_id):
            _asked(vault_id, connection_id, again=timedelta(0))
    return left


def _asked(vault_id: UUID, connection_id: UUID, again: timedelta = LASTS) -> None:
    """A message for what is due is left: not another one before it can be taken for lost. Within a
    scope."""
    _rows(vault_id, connection_id).update(next_at=timezone.now() + again)


def _rows(vault_id: UUID, connection_id: UUID) -> QuerySet[Row]:
    return Row.objects.filter(vault_id=vault_id, id=connection_id)
