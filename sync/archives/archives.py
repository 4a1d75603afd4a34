"""Making and restoring archives, as their owner sees it: look, cancel, continue, throw away."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from sync import outbox, tasks
from sync.archives.archive_types import Archive, ArchiveKind, ArchiveState
from sync.errors import NotNow
from sync.models import ArchiveJob as Row
from vault.access import Access
from vault.archive import collections, secrets
from vault.errors import NotFound
from vault.keys.jobs import start_job
from vault.keys.keyring import Keyring
from vault.keys.vaultkey import OwnerKey
from vault.models import JobSlot
from vault.scope import vault_scope

State, Kind = Row.State, Row.Kind
RUNNING = frozenset({State.MAKING, State.CHECKING, State.RESTORING, State.INDEXING})
"""What a worker with the job's keys is at."""
KEPT_FOR = timedelta(hours=24)
"""How long a finished archive lies here, and an upload waits for its passphrase."""
JOB_LASTS = timedelta(days=2)
STALLED_AFTER = timedelta(minutes=5)
UNOPENED = frozenset({"", "memories", "revisions", "sources", "vectors", "open"})
"""Stages of restoring in which nothing of it is the vault's yet."""

Start = Callable[[UUID, str], object]
"""What to do with a job's id and its token once both are committed."""


def send(job_id: UUID, job_token: str) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_archive, str(job_id), job_token)


def get(access: Access, job_id: UUID) -> Archive:
    access.must_own()
    with vault_scope(access.vault_id):
        return view(find(access, job_id))


def listing(access: Access, kind: ArchiveKind) -> list[Archive]:
    """The newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, kind=kind).order_by("-started_at")
        return [view(row) for row in rows[:20]]


def cancel(access: Access, job_id: UUID) -> Archive:
    """Stop it and delete its file. Restored collections that are not the vault's yet go too."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = find(access, job_id, State.WAITING, State.DONE, *RUNNING)
        if row.kind == Kind.RESTORE and (row.state == State.DONE or not _unopened(row)):
            raise NotNow(gettext("This archive is restored already. There is nothing to cancel."))
        if row.state in (State.CHECKING, State.RESTORING):
            close(row, State.WIPING)
            vault_id, id = row.vault_id, row.id
            transaction.on_commit(lambda: outbox.leave(tasks.wipe_archive, str(vault_id), str(id)))
        else:
            close(row, State.GONE if row.state == State.DONE else State.CANCELLED)
            delete_file(row)
    return get(access, job_id)


def resume(access: Access, owner: OwnerKey, job_id: UUID, *, start: Start = send) -> Archive:
    """Go on with work whose worker or keys were lost, from where it safely was."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = find(access, job_id, *RUNNING)
        if not _stalled(row):
            raise NotNow(gettext("This is being worked on. There is nothing to continue."))
        secret = secrets.open_for_owner(owner, row.id, row.sealed_for_owner)
        ring = access.keyring if row.kind == Kind.EXPORT else _new_ring(owner, row)
        begin(access, owner, row, ring, secret, start)
    return get(access, job_id)


def begin(
    access: Access,
    owner: OwnerKey,
    row: Row,
    keyring: Keyring,
    secret: secrets.Secret,
    start: Start,
) -> None:
    """Save the row with a job of its own; the message goes out once both are committed."""
    token = start_job(access, row.kind, keyring, JOB_LASTS)
    _shred_slot(row)
    row.slot_id = secrets.slot_of(access.vault_id, token).id
    row.sealed = secrets.seal_for_job(access.vault_id, token, row.id, secret)
    row.sealed_for_owner = secrets.seal_for_owner(owner, row.id, secret)
    row.lease_owner, row.lease_until = None, timezone.now()
    row.save()
    job_id = row.id
    transaction.on_commit(lambda: start(job_id, token))


def close(row: Row, state: Row.State) -> None:
    """No worker may go on with it, and what would open its file is gone."""
    _shred_slot(row)
    row.state, row.finished_at, row.lease_owner = state, timezone.now(), None
    row.sealed = row.sealed_for_owner = row.upload_key = b""
    row.save()


def find(access: Access, job_id: UUID, *states: Row.State) -> Row:
    """The row, locked if it must be in one of these states."""
    rows = Row.objects.filter(vault_id=access.vault_id, id=job_id)
    row = (rows.select_for_update() if states else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such archive."))
    if states and row.state not in states:
        raise NotNow(gettext("This has moved on. Look at it again."))
    return row


def path_of(kind: str, file_id: UUID) -> Path:
    """Where an archive lies: one that was made, or one that was uploaded."""
    end = "age" if kind == Kind.EXPORT else "restore"
    return Path(settings.SATCHEL_UPLOADS_DIR) / f"{file_id}.{end}"


def delete_file(row: Row) -> None:
    """Once what is under way is committed."""
    path = path_of(row.kind, row.file_id)
    transaction.on_commit(lambda: unlink(path))


def unlink(path: Path) -> None:
    """The file, and what was half written of it."""
    path.unlink(missing_ok=True)
    path.with_suffix(".part").unlink(missing_ok=True)


def view(row: Row) -> Archive:
    kept = row.kind == Kind.EXPORT and row.state == State.DONE and row.finished_at is not None
    return Archive(
        id=row.id,
        kind=cast(ArchiveKind, row.kind),
        state=cast(ArchiveState, row.state),
        size=row.size,
        vectors=row.vectors,
        embedders=row.embedders,
        done=row.done,
        total=row.total,
        counts=row.counts,
        left_out=sum(row.left_out.values()),
        notes=tuple(row.notes),
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
        gone_at=row.finished_at + KEPT_FOR if kept and row.finished_at else None,
        stalled=_stalled(row),
        opened=row.kind == Kind.RESTORE and not _unopened(row),
    )


def _unopened(row: Row) -> bool:
    return row.stage in UNOPENED


def _stalled(row: Row) -> bool:
    if row.state not in RUNNING:
        return False
    until = row.lease_until or row.started_at
    jobs = JobSlot.objects.filter(vault_id=row.vault_id)
    has_keys = row.slot_id is not None and jobs.filter(id=row.slot_id).exists()
    return timezone.now() - until > STALLED_AFTER or not has_keys


def _new_ring(owner: OwnerKey, row: Row) -> Keyring:
    keys = [collections.NewKey.from_json(said) for said in row.new_keys]
    return collections.ring_of(owner, keys)


def _shred_slot(row: Row) -> None:
    if row.slot_id is not None:
        JobSlot.objects.filter(vault_id=row.vault_id, id=row.slot_id).delete()
        row.slot_id = None
