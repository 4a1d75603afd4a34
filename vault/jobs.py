"""The keys of background jobs: whether one still has them, and taking them away."""

import base64
from uuid import UUID

from django.db.models import QuerySet

from vault.access import Access
from vault.models import JobSlot
from vault.scope import vault_scope
from vault.slots import token_hash


def of(access: Access, purpose: str) -> QuerySet[JobSlot]:
    """The vault's jobs of one purpose. Within a scope."""
    return JobSlot.objects.filter(vault_id=access.vault_id, purpose=purpose)


def holds_keys(access: Access) -> bool:
    """Whether this job's token still opens its keys: its owner may have ended it since."""
    with vault_scope(access.vault_id):
        mine = JobSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id)
        return mine.exists()


def shred(job_token: str) -> None:
    """Take the keys from the job with this token, which never came to its worker."""
    raw = base64.urlsafe_b64decode(job_token)
    vault_id = UUID(bytes=raw[:16])
    with vault_scope(vault_id):
        JobSlot.objects.filter(vault_id=vault_id, token_hash=token_hash(raw)).delete()
