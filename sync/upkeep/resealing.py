"""After a rotation: everything under a collection's old key is sealed anew, then that key goes.

It needs no lease: portions lock their rows and pass over those of others, so that two workers do
no harm, and one that is killed leaves nothing half done.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sync import outbox, tasks
from sync.distilling import secrets as distilling
from sync.importing.import_details import open_details, seal_details
from sync.models import Import, ImportFile
from vault.access import Access
from vault.errors import KeyChanged, Locked, Tampered
from vault.keys import jobs, rotation
from vault.keys.jobs import end_job, open_job, start_job
from vault.keys.keyring import only
from vault.scope import vault_scope

logger = logging.getLogger(__name__)

JOB_LASTS = timedelta(hours=12)

Start = Callable[[str], object]
"""What to do with the job's token once it is committed."""


def send(job_token: str) -> None:
    """Leave the work to the worker. Without a broker it waits for the next opening of the vault."""
    outbox.leave_job(job_token, tasks.reseal, job_token)


def start(access: Access, *, start: Start = send) -> bool:
    """Begin, or go on, where anything waits. Whether there was something."""
    access.must_own()
    with vault_scope(access.vault_id):
        old = [collection for collection, _ in rotation.with_old_keys(access)]
        if not old:
            return False
        token = start_job(access, "reseal", only(access.keyring, old), JOB_LASTS)
        transaction.on_commit(lambda: start(token))
    return True


def run(job_token: str) -> None:
    """Do all of it. What cannot be finished now, because an import is at work under the old key,
    goes on when the owner next opens the vault."""
    try:
        access = open_job(job_token, "New key")
    except Locked:
        return  # it was done already, or waits for the owner to open the vault
    with vault_scope(access.vault_id):
        collections = rotation.with_old_keys(access)
    try:
        for collection, epoch in collections:
            _reseal(access, collection, epoch)
    finally:
        end_job(access)


def _reseal(access: Access, collection: UUID, epoch: int) -> None:
    try:
        while jobs.holds_keys(access) and rotation.reseal_next(access, collection):
            pass
        while jobs.holds_keys(access) and _reseal_imports(access, collection, epoch):
            pass
        distilling.renew(access, collection, epoch)
        rotation.finish(access, collection, lambda newest: _in_use(access, collection, newest))
    except KeyChanged:
        return  # it was rotated again: the next job holds the newest key
    except Tampered:
        # The old key stays until the owner has looked at what was altered ("Check your vault").
        logger.error("A collection of %s holds altered rows; its old key stays.", access.vault_id)


def _reseal_imports(access: Access, collection: UUID, epoch: int) -> int:
    """Names, samples and files' keys of imports that no worker is busy with."""
    with vault_scope(access.vault_id):
        rows = _under_old(access, collection, epoch).exclude(state__in=tasks.RUNNING)
        portion = list(rows.order_by("id").select_for_update(skip_locked=True)[:50])
        for row in portion:
            details, old = open_details(access, row), row.epoch
            row.epoch = epoch
            seal_details(access, row, details)
            _reseal_files(access, row, old)
            row.save(update_fields=["epoch", "sealed"])
    return len(portion)


def _reseal_files(access: Access, row: Import, old: int) -> None:
    ring, home = access.keyring, row.collection_id
    for file in ImportFile.objects.filter(vault_id=row.vault_id, import_id=row.id):
        key = ring.open(home, old, "upload", file.id, 0, file.key)
        file.key = ring.seal(home, row.epoch, "upload", file.id, 0, key)
        file.save(update_fields=["key"])


def _in_use(access: Access, collection: UUID, epoch: int) -> bool:
    busy = bool(_under_old(access, collection, epoch).exists())
    return busy or distilling.in_use(access, collection, epoch)


def _under_old(access: Access, collection: UUID, epoch: int):  # type: ignore[no-untyped-def]
    return Import.objects.filter(
        vault_id=access.vault_id, collection_id=collection, epoch__lt=epoch
    )
