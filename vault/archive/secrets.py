"""What a job needs to know of its archive, sealed twice: under the job's token, and under the vault
key, so that the owner can have it continued after the job's own keys were lost."""

import base64
import json
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from vault.archive.locks import Lock
from vault.crypto.aead import open_ as open_record
from vault.crypto.aead import seal as seal_record
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.errors import Locked
from vault.ids import NIL
from vault.keys.keyring import tampered
from vault.keys.slots import NoWay, Record, job_key, token_hash
from vault.keys.vaultkey import OwnerKey
from vault.models import JobSlot
from vault.scope import vault_scope

_GONE = gettext_noop("This job's keys are gone. Open your vault and continue it.")


@dataclass(frozen=True, slots=True)
class Secret:
    """`upload_key` opens the uploaded file, `manifest_key` lists the restored collections in the
    vault's manifest: both for restoring only."""

    lock: Lock
    upload_key: bytes = field(default=b"", repr=False)
    manifest_key: bytes = field(default=b"", repr=False)

    def to_bytes(self) -> bytes:
        parts = (self.lock.header, self.lock.file_key, self.upload_key, self.manifest_key)
        return json.dumps([part.hex() for part in parts]).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        header, file_key, upload_key, manifest_key = map(bytes.fromhex, json.loads(data))
        return cls(Lock(header, file_key), upload_key, manifest_key)


def seal_for_job(vault_id: UUID, job_token: str, id: UUID, secret: Secret) -> bytes:
    """Within the scope in which the job was started."""
    return _seal(_of_job(vault_id, job_token), vault_id, id, secret)


def open_for_job(vault_id: UUID, job_token: str, id: UUID, sealed: Record) -> Secret:
    """Locked when the job has ended."""
    with vault_scope(vault_id):
        return _open(_of_job(vault_id, job_token), vault_id, id, sealed)


def seal_for_owner(owner: OwnerKey, id: UUID, secret: Secret) -> bytes:
    return _seal(owner.key.derive("archive"), owner.vault_id, id, secret)


def open_for_owner(owner: OwnerKey, id: UUID, sealed: Record) -> Secret:
    return _open(owner.key.derive("archive"), owner.vault_id, id, sealed)


def slot_of(vault_id: UUID, job_token: str) -> JobSlot:
    """The slot that a job's token belongs to, within a scope. Locked when it is gone."""
    hashed = token_hash(base64.urlsafe_b64decode(job_token))
    slot = JobSlot.objects.filter(vault_id=vault_id, token_hash=hashed).first()
    if slot is None:
        raise Locked(gettext(_GONE))
    return slot


def _of_job(vault_id: UUID, job_token: str) -> Key:
    day = slot_of(vault_id, job_token).pepper_day
    try:
        return job_key(base64.urlsafe_b64decode(job_token), day).derive("archive")
    except NoWay:
        raise Locked(gettext(_GONE)) from None


def _seal(key: Key, vault_id: UUID, id: UUID, secret: Secret) -> bytes:
    return seal_record(key, secret.to_bytes(), Binding(vault_id, NIL, 1, id, "archive", 0))


def _open(key: Key, vault_id: UUID, id: UUID, sealed: Record) -> Secret:
    try:
        binding = Binding(vault_id, NIL, 1, id, "archive", 0)
        return Secret.from_bytes(open_record(key, bytes(sealed), binding))
    except CannotOpen:
        raise tampered() from None
