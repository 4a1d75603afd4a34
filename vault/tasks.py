"""The vault's own chores: none of them needs a key."""

import logging
from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django.utils import timezone

from vault.access import IDLE_LIMIT, LONGEST_LIFE, SESSION_LIMIT
from vault.embedding import turning
from vault.errors import Tampered
from vault.integrity import heads
from vault.keys.custodian import KeyServerError, KeysFolderError, custodian
from vault.log import log_keeping
from vault.memories import UNDO_FOR
from vault.models import (
    Grant,
    GrantSlot,
    JobSlot,
    Memory,
    Revision,
    SessionSlot,
    Source,
    Vault,
    Vector,
)
from vault.scope import vault_scope

logger = logging.getLogger(__name__)


@shared_task
def shred_forgotten() -> int:
    """Destroy what was forgotten more than 30 days ago; the empty row stays as a tombstone."""
    before, shredded = timezone.now() - UNDO_FOR, 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            due = Memory.objects.filter(vault_id=vault_id, forgotten_at__lt=before)
            due = due.exclude(sealed=b"")
            if not due.exists():
                continue
            heads.hold(vault_id)  # or a row that its owner is just accepting would be written back
            due = due.select_for_update(skip_locked=True)
            ids = list(due.values_list("id", flat=True)[:1000])
            mine = {"vault_id": vault_id, "memory_id__in": ids}
            Revision.objects.filter(**mine).delete()
            # The keyed name of its source stays, so that a later import does not bring it back.
            Source.objects.filter(**mine).update(sealed=b"")
            Vector.objects.filter(**mine).delete()
            turning.shred(vault_id, ids)
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
            over = Q(created_at__lt=now - SESSION_LIMIT) | Q(used_at__lt=now - IDLE_LIMIT)
            SessionSlot.objects.filter(over, **mine).delete()
            JobSlot.objects.filter(**mine, expires_at__lt=now).delete()
            GrantSlot.objects.filter(**mine, expires_at__lt=now).delete()


@shared_task
def clear_sessions() -> None:
    """Delete what browsers' sessions kept whose time is over, sealed halves among it."""
    SessionStore.clear_expired()


@shared_task
def destroy_old_peppers() -> int:
    """Destroy the peppers of days from which no token can still be alive. How many went."""
    oldest = (timezone.now() - LONGEST_LIFE - timedelta(days=1)).date()
    return len(custodian().destroy_before(oldest))


@shared_task
def renew_custodian() -> None:
    """Keep the way to the key server open."""
    custodian().renew()


@shared_task
def destroy_ended_grants() -> None:
    """Destroy the peppers of grants that ended lately: of those that expired, and of those whose
    revoke could not do it."""
    now = timezone.now()
    lately = now - timedelta(days=30)
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            mine = Grant.objects.filter(vault_id=vault_id)
            ended = mine.filter(Q(revoked_at__gt=lately) | Q(expires_at__range=(lately, now)))
            ids = list(ended.values_list("id", flat=True))
        try:
            custodian().destroy_grants(ids)
        except (KeyServerError, KeysFolderError) as error:  # the next hour tries again
            logger.error("Peppers of ended grants are still there: %s", error)


@shared_task
def cut_logs() -> int:
    """Delete the lines of access logs that are older than their owners want to keep. How many."""
    gone = 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        try:
            gone += log_keeping.cut(vault_id)
        except Tampered as error:  # its owner is told when looking at it; the others go on
            logger.error("Nothing more was deleted from the access log of %s: %s", vault_id, error)
    return gone


@shared_task
def tend_indexes() -> int:
    """Make and drop the indexes of large indexed collections; how many were made."""
    from vault.embedding import indexes

    return indexes.tend()
