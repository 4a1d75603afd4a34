"""Background jobs: the keys that each is started with, opening them, and taking them away."""

import base64
import secrets
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from vault.access import Access, locked
from vault.errors import Locked
from vault.ids import new_id
from vault.keys import slots
from vault.keys.keyring import Keyring, open_ring, seal_ring
from vault.keys.slots import NoWay, token_hash
from vault.models import JobSlot, SessionSlot
from vault.scope import vault_scope
from vault.types import Asker, Right

_ALL = Right(see=True, add="yes")


def start_job(access: Access, purpose: str, keyring: Keyring, lasts: timedelta) -> str:
    """A one-job token: with its slot's row it opens these keys until `end_job`; neither alone.

    Within a scope. Locked when the asker's own session was ended meanwhile.
    """
    mine = SessionSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id)
    if access.is_owner and not list(mine.select_for_update(no_key=True)):
        raise locked()
    slot_id, raw = new_id(), access.vault_id.bytes + secrets.token_bytes(32)
    now = timezone.now()
    key = slots.job_key(raw, now.date())
    JobSlot.objects.create(
        vault_id=access.vault_id,
        id=slot_id,
        token_hash=token_hash(raw),
        pepper_day=now.date(),
        sealed=seal_ring(key, keyring, slot_id),
        purpose=purpose,
        expires_at=now + lasts,
    )
    return base64.urlsafe_b64encode(raw).decode()


def open_job(job_token: str, name: str) -> Access:
    """A job's Access: sees and adds in the collections it was started for. Locked when it ended."""
    raw = base64.urlsafe_b64decode(job_token)
    vault_id = UUID(bytes=raw[:16])
    gone = Locked("This job's keys are gone. Open your vault and continue it.")
    with vault_scope(vault_id):
        slot = JobSlot.objects.filter(vault_id=vault_id, token_hash=token_hash(raw)).first()
        if slot is None or slot.expires_at <= timezone.now():
            raise gone
        try:
            key = slots.job_key(raw, slot.pepper_day)
            keyring = open_ring(key, vault_id, slot.id, slot.sealed)
        except NoWay:
            raise gone from None
    rights = dict.fromkeys(keyring.collections, _ALL)
    chain_key = slots.log_chain_key_ahead(vault_id)
    return Access(vault_id, Asker("job", slot.id, name), rights, keyring, chain_key=chain_key)


def end_job(access: Access) -> None:
    """Shred the job's slot: its token opens nothing from now on."""
    with vault_scope(access.vault_id):
        JobSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id).delete()


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
