"""Deletes archives whose time is over, and goes on with what lost its worker and needs no key."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sync import erasing
from sync.archives import archives, wiping
from sync.archives.archives import KEPT_FOR, State
from sync.models import ArchiveJob, Erasure
from sync.upkeep import orphans
from vault.models import Vault
from vault.scope import vault_scope

LOST_AFTER = timedelta(days=7)
"""Work that nobody continued for so long is given up."""
RECEIPTS_FOR = timedelta(days=30)


def sweep() -> None:
    now = timezone.now()
    for row in Erasure.objects.filter(finished_at=None).exclude(lease_until__gt=now):
        erasing.run(row.id)
    Erasure.objects.filter(finished_at__lt=now - RECEIPTS_FOR).delete()
    kept: set[str] = set()
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        for job_id in _sweep_vault(vault_id):
            wiping.run(vault_id, job_id)
        with vault_scope(vault_id):
            live = ArchiveJob.objects.filter(vault_id=vault_id, state__in=_WITH_FILE)
            kept |= {str(id) for id in live.values_list("file_id", flat=True)}
    orphans.delete(kept, "age", "restore", "part")


_WITH_FILE = (*archives.RUNNING, State.WAITING, State.WIPING, State.DONE)


def _sweep_vault(vault_id: UUID) -> list[UUID]:
    """Ends what is over; which ones have to be wiped now."""
    now = timezone.now()
    with vault_scope(vault_id):
        mine = ArchiveJob.objects.filter(vault_id=vault_id)
        _end(mine.filter(state=State.WAITING, started_at__lt=now - KEPT_FOR), State.CANCELLED)
        done = mine.filter(kind=ArchiveJob.Kind.EXPORT, state=State.DONE)
        _end(done.filter(finished_at__lt=now - KEPT_FOR), State.GONE)
        lost = mine.filter(state__in=archives.RUNNING, lease_until__lt=now - LOST_AFTER)
        _end(lost.filter(kind=ArchiveJob.Kind.EXPORT), State.CANCELLED)
        unopened = Q(stage__in=archives.UNOPENED, state__in=(State.CHECKING, State.RESTORING))
        lost.filter(unopened, kind=ArchiveJob.Kind.RESTORE).update(
            state=State.WIPING, lease_owner=None
        )
        waiting = mine.filter(state=State.WIPING).exclude(
            lease_until__gt=now, lease_owner__isnull=False
        )
        return list(waiting.values_list("id", flat=True))


def _end(rows, state: ArchiveJob.State) -> None:  # type: ignore[no-untyped-def]
    for row in rows.select_for_update(skip_locked=True):
        archives.close(row, state)
        archives.delete_file(row)
