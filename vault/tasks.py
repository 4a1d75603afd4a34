"""The vault's own chores: none of them needs a key."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from vault.access import LONGEST_LIFE, SESSION_LIMIT
from vault.custodian import custodian
from vault.memories import UNDO_FOR
from vault.models import GrantSlot, JobSlot, Memory, Revision, SessionSlot, Source, Vault, Vector
from vault.scope import vault_scope


@shared_task
def shred_forgotten() -> int:
    """Destroy what was forgotten more than 30 days ago; the empty row stays as a tombstone."""
    before, shredded = timezone.now() - UNDO_FOR, 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            due = Memory.objects.filter(vault_id=vault_id, forgotten_at__lt=before)
            due = due.exclude(sealed=b"").select_for_update(skip_locked=True)
            ids = list(due.values_list("id", flat=True)[:1000])
            mine = {"vault_id": vault_id, "memory_id__in": ids}
            Revision.objects.filter(**mine).delete()
            # The keyed name of its source stays, so that a later import does not bring it back.
            Source.objects.filter(**mine).update(sealed=b"")
            Vector.objects.filter(vault_id=vault_id, id__in=ids).delete()
            Memory.objects.filter(vault_id=vault_id, id__in=ids).update(sealed=b"", digest=b"")
        shredded += len(ids)
    return shredded


@shared_task
def close_stale_slots() -> None:
    """Delete slots of sessions, jobs and tokens whose time is over."""
    now = timezone.now()
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            mine = {"vault_id": vault_id}
            SessionSlot.objects.filter(**mine, created_at__lt=now - SESSION_LIMIT).delete()
            JobSlot.objects.filter(**mine, expires_at__lt=now).delete()
            GrantSlot.objects.filter(**mine, expires_at__lt=now).delete()


@shared_task
def destroy_old_peppers() -> int:
    """Destroy the peppers of days from which no token can still be alive. How many went."""
    oldest = (timezone.now() - LONGEST_LIFE - timedelta(days=1)).date()
    return len(custodian().destroy_before(oldest))
