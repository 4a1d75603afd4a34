"""The rows of imports: found in the state that an act needs, changed, and given to the worker."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from sync import outbox, tasks
from sync.errors import NotNow
from sync.models import Import as Row
from vault.access import Access
from vault.errors import NotFound
from vault.keys import jobs
from vault.keys.jobs import start_job
from vault.keys.keyring import only
from vault.models import JobSlot

JOB_LASTS = timedelta(days=2)

Start = Callable[[UUID, str], object]
"""What to do with an import's id and its job's token once both are committed."""


def send(import_id: UUID, job_token: str) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_import, str(import_id), job_token)


def the_row(access: Access, import_id: UUID, *states: Row.State) -> Row:
    rows = Row.objects.filter(vault_id=access.vault_id, id=import_id)
    row = (rows.select_for_update() if states else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such import."))
    if states and row.state not in states:
        raise NotNow(gettext("This import has moved on. Look at it again."))
    return row


def put(row: Row, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def start_work(access: Access, row: Row, start: Start) -> None:
    """A job of its own with keys of its own; the message goes out once the row is committed."""
    keyring = only(access.keyring, access.visible)
    job_of(access, row).delete()  # an older one, if it still works, has lost its hold
    token = start_job(access, _purpose(row), keyring, JOB_LASTS)
    Row.objects.filter(vault_id=row.vault_id, id=row.id).update(
        lease_owner=None, lease_until=timezone.now()
    )
    import_id = row.id
    transaction.on_commit(lambda: start(import_id, token))


def job_of(access: Access, row: Row) -> QuerySet[JobSlot]:
    return jobs.of(access, _purpose(row))


def _purpose(row: Row) -> str:
    return f"import {row.id.hex}"[:32]
