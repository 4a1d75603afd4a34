"""Takes away what a restore that failed or was cancelled had written. It needs no key."""

from uuid import UUID

from sync.archives import archives
from sync.archives.archive_work import lease_of, rows_of
from sync.archives.archives import State
from sync.errors import LostLease
from sync.leases import Lease
from sync.models import ArchiveJob
from vault.models import Manifest, Memory, Revision, Segment, Source, Vector
from vault.scope import vault_scope

_PORTION = 1000


def run(vault_id: UUID, job_id: UUID) -> None:
    """All of it, in portions; a second worker leaves it to the first."""
    lease = lease_of(vault_id, job_id)
    if not lease.take():
        return
    try:
        _run(vault_id, job_id, lease)
    except LostLease:
        return  # the other one does it


def _run(vault_id: UUID, job_id: UUID, lease: Lease) -> None:
    with vault_scope(vault_id):
        row: ArchiveJob = rows_of(vault_id, job_id).get()
    if row.state != State.WIPING:
        lease.release()
        return
    homes = [said["collection_id"] for said in row.new_keys]
    while _wipe_portion(vault_id, homes, lease):
        pass
    with vault_scope(vault_id):
        Manifest.objects.filter(vault_id=vault_id, id__in=homes).delete()
        row = rows_of(vault_id, job_id).select_for_update().get()
        row.new_keys, row.stage, row.done = [], "", 0
        archives.close(row, State.FAILED if row.error else State.CANCELLED)
        archives.delete_file(row)


def _wipe_portion(vault_id: UUID, homes: list[str], lease: Lease) -> bool:
    with vault_scope(vault_id):
        mine = Memory.objects.filter(vault_id=vault_id, collection_id__in=homes)
        ids = list(mine.order_by("id").values_list("id", flat=True)[:_PORTION])
        of_these = {"vault_id": vault_id, "memory_id__in": ids}
        for model in (Source, Revision, Vector):
            model.objects.filter(**of_these).delete()
        Segment.objects.filter(vault_id=vault_id, collection_id__in=homes).delete()
        mine.filter(id__in=ids).delete()
        lease.update()
    return bool(ids)
