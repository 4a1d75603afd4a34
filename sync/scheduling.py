"""Starting what is due. Nothing is opened here: the worker that takes a message does that."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sync import outbox, states, tasks
from sync.leases import LASTS
from sync.models import Connection as Row
from sync.models import Run
from vault.models import Grant, Vault
from vault.scope import vault_scope


def start_due() -> int:
    """A message for every connection that is due, in every vault. How many were left."""
    count = 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            follow_grants(vault_id)
            due = _due(vault_id)
        for connection_id in due:
            words = (str(vault_id), str(connection_id), "", str(Run.Kind.SYNC), False)
            with vault_scope(vault_id):
                _asked(vault_id, connection_id)
            if not outbox.leave(tasks.run_connection, *words):
                with vault_scope(vault_id):
                    _asked(vault_id, connection_id, again=timedelta(0))
                return count  # there is no broker: each further try would only take its time
            count += 1
    return count


def follow_grants(vault_id: UUID) -> None:
    """What was done to grants elsewhere: one that was revoked ends its connection, one that was
    changed is looked at again soon. Within a scope."""
    rows = Row.objects.filter(vault_id=vault_id).exclude(state=Row.State.GONE)
    found = {grant.id: grant for grant in Grant.objects.filter(vault_id=vault_id)}
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


def _due(vault_id: UUID) -> list[UUID]:
    """Connections whose next step is due now and which the server can open. Within a scope."""
    wanted = (*states.RUNNABLE, Row.State.RETRACTING)
    rows = Row.objects.filter(vault_id=vault_id, state__in=wanted, next_at__lte=timezone.now())
    return list(rows.exclude(server_slot=None).values_list("id", flat=True))


def _asked(vault_id: UUID, connection_id: UUID, again: timedelta = LASTS) -> None:
    """A message for what is due is left: not another one before it can be taken for lost. Within a
    scope."""
    _rows(vault_id, connection_id).update(next_at=timezone.now() + again)


def _rows(vault_id: UUID, connection_id: UUID) -> QuerySet[Row]:
    return Row.objects.filter(vault_id=vault_id, id=connection_id)
