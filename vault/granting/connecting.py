"""The keys of a connection, which brings a vendor's memories in and out while its owner is away.

    connection key ─▶ the grant's key: deleted when access is taken back
                   ─▶ credentials, and the names of its entries at the vendor: to take them back

It is held under the vault key, for its owner; under the server's own where it may run unattended or
has something to take back; under the token of one run that its owner started.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from vault.access import Access, granted, live_grant
from vault.errors import Locked
from vault.granting import grants, tokens
from vault.granting.grant_seals import open_held, seal_held
from vault.keys import slots
from vault.keys.keyring import Key
from vault.keys.slots import NoWay, Record
from vault.keys.vaultkey import OwnerKey
from vault.models import Grant as GrantRow
from vault.models import GrantSlot
from vault.scope import vault_scope
from vault.types import Right

KIND = "connection"
_NO_END = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class ConnectionKey:
    """`id` is the connection's: not its grant's."""

    vault_id: UUID
    id: UUID
    key: Key = field(repr=False)

    def seal(self, what: str, id: UUID, revision: int, data: bytes) -> bytes:
        return seal_held(self.key, self.vault_id, what, id, revision, data)

    def open(self, what: str, id: UUID, revision: int, record: Record) -> bytes:
        """Tampered when it is not what was sealed at exactly this place."""
        return open_held(self.key, self.vault_id, what, id, revision, record)

    def mark(self, what: str, *values: str) -> bytes:
        """A keyed fingerprint: equal for equal values of one sort, else unrelated."""
        said = b"\0".join(v.encode("utf-8", "surrogatepass") for v in (what, *values))
        return self.key.derive("mark").mac(said)


def begin(
    access: Access,
    owner: OwnerKey,
    connection_id: UUID,
    *,
    name: str,
    rights: Mapping[UUID, Right],
    expires_at: datetime | None = None,
    confirmed_only: bool = False,
) -> tuple[UUID, ConnectionKey, bytes]:
    """A grant for a new connection, its key, and that key's slot for the owner. Within a scope."""
    key = ConnectionKey(access.vault_id, connection_id, Key.generate())
    row = GrantRow(
        kind=GrantRow.Kind.CONNECTION, expires_at=expires_at, confirmed_only=confirmed_only
    )
    row, grant_key = grants.make(access, owner, row, name=name, rights=rights)
    GrantSlot.objects.create(
        vault_id=access.vault_id,
        id=connection_id,
        grant_id=row.id,
        kind=KIND,
        token_hash=hashlib.sha256(connection_id.bytes).digest(),  # nothing to find: it has no token
        pepper_day=timezone.now().date(),
        sealed=slots.connection_slot(key.key, access.vault_id, connection_id, grant_key),
        expires_at=expires_at or timezone.now() + _NO_END,
    )
    return row.id, key, slots.owner_slot(owner.key, access.vault_id, connection_id, key.key)


def open_access(key: ConnectionKey) -> Access:
    """What its grant opens now. Locked when that was taken back, is over or paused."""
    with vault_scope(key.vault_id):
        mine = GrantSlot.objects.filter(vault_id=key.vault_id, id=key.id, kind=KIND)
        slot = mine.first()
        if slot is None:
            raise tokens.refusal()
        grant = live_grant(slot)
        try:
            grant_key = slots.open_connection_slot(key.key, key.vault_id, key.id, slot.sealed)
        except NoWay:
            raise tokens.refusal() from None
        return granted(grant, grant_key)


def by_owner(owner: OwnerKey, connection_id: UUID, owner_slot: Record) -> ConnectionKey:
    """Locked when the slot was altered."""
    try:
        key = slots.open_owner_slot(owner.key, owner.vault_id, connection_id, owner_slot)
    except NoWay:
        raise _locked() from None
    return ConnectionKey(owner.vault_id, connection_id, key)


def server_slot(key: ConnectionKey) -> bytes:
    """Let the server use it while its owner is away. Until `shut_server`."""
    return slots.server_slot(key.vault_id, key.id, key.key)


def by_server(vault_id: UUID, connection_id: UUID, slot: Record) -> ConnectionKey:
    """Locked when the server does not hold it (any more)."""
    try:
        key = slots.open_server_slot(vault_id, connection_id, slot)
    except NoWay:
        raise _locked() from None
    return ConnectionKey(vault_id, connection_id, key)


def shut_server(connection_id: UUID) -> None:
    """The server's slot opens no more, in no copy of the database. After the commit."""
    slots.shut_server_slot(connection_id)


def run_slot(key: ConnectionKey) -> tuple[str, date, bytes]:
    """For one run that its owner starts: its token, the day it was made, and the slot it opens."""
    raw, day = secrets.token_bytes(32), timezone.now().date()
    slot = slots.run_slot(raw, day, key.vault_id, key.id, key.key)
    return base64.urlsafe_b64encode(raw).decode(), day, slot


def by_run(vault_id: UUID, connection_id: UUID, run: str, day: date, slot: Record) -> ConnectionKey:
    """Locked for another token than the run's."""
    try:
        raw = base64.urlsafe_b64decode(run)
        key = slots.open_run_slot(raw, day, vault_id, connection_id, slot)
    except (NoWay, ValueError):
        raise _locked() from None
    return ConnectionKey(vault_id, connection_id, key)


def _locked() -> Locked:
    return Locked("This connection's key is not here. Open it again with your password.")
