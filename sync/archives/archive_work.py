"""One worker at one archive: what it holds, what it knows, how it speaks and how it ends."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from uuid import UUID

from django.db.models import Exists
from django.utils import timezone
from django.utils.translation import gettext_noop

from sync.archives import archives
from sync.archives.archives import Kind, State
from sync.leases import Lease
from sync.models import ArchiveJob
from vault.access import Access
from vault.archive.secrets import Secret, open_for_job
from vault.models import JobSlot
from vault.scope import vault_scope


def rows_of(vault_id: UUID, job_id: UUID):  # type: ignore[no-untyped-def]
    return ArchiveJob.objects.filter(vault_id=vault_id, id=job_id)


def lease_of(vault_id: UUID, job_id: UUID) -> Lease:
    return Lease(lambda: rows_of(vault_id, job_id), lambda: vault_scope(vault_id))


def lease_with_keys(access: Access, job_id: UUID) -> Lease:
    """The same for who works with the job's keys: lost when the owner takes those away."""
    keys = JobSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id)
    return Lease(
        lambda: rows_of(access.vault_id, job_id).filter(Exists(keys)),
        lambda: vault_scope(access.vault_id),
    )


_PARTLY = gettext_noop(
    "Your memories are back, but not everything beside them could be read from the archive. Keep"
    " the archive, and look through your grants and rules."
)


class Work:
    """`access` holds the job's keys: those of the vault for making an archive, those of the
    collections to come for restoring one."""

    def __init__(self, access: Access, job_id: UUID, job_token: str) -> None:
        self.access, self.job_id, self._token = access, job_id, job_token
        self.lease = lease_with_keys(access, job_id)

    @property
    def row(self) -> ArchiveJob:
        with vault_scope(self.access.vault_id):
            return ArchiveJob.objects.get(vault_id=self.access.vault_id, id=self.job_id)

    @cached_property
    def secret(self) -> Secret:
        return open_for_job(self.access.vault_id, self._token, self.job_id, self.row.sealed)

    @property
    def path(self) -> Path:
        row = self.row
        return archives.path_of(row.kind, row.file_id)

    def fail(self, reason: str) -> None:
        """End it. What was restored of it and is not the vault's yet is taken away first."""
        row = self.row
        if row.kind == Kind.EXPORT:
            self.finish(State.FAILED, error=reason[:300])
        elif row.stage in archives.UNOPENED:
            self.lease.release(state=State.WIPING, error=reason[:300])
        else:
            self.finish(State.FAILED, error=_PARTLY)

    def finish(self, state: ArchiveJob.State, **fields: object) -> None:
        """No key, and but for a finished export no file, outlives the work."""
        made = (self.row.kind, state) == (Kind.EXPORT, State.DONE)
        gone = {"sealed": b"", "sealed_for_owner": b"", "upload_key": b"", "slot_id": None}
        self.lease.release(state=state, finished_at=timezone.now(), **gone, **fields)
        if not made:
            with suppress(OSError):  # what stays is swept
                archives.unlink(self.path)
