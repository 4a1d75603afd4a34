"""What grants and connections keep under keys of their own."""

from uuid import UUID

from vault.crypto.aead import open_, seal
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.ids import NIL
from vault.keys.keyring import Key, tampered
from vault.keys.slots import Record


def seal_terms(grant_key: Key, vault_id: UUID, grant: UUID, collection: UUID, data: bytes) -> bytes:
    binding = Binding(vault_id, collection, 1, grant, "terms", 0)
    return seal(grant_key.derive("terms"), data, binding)


def open_terms(
    grant_key: Key, vault_id: UUID, grant: UUID, collection: UUID, record: Record
) -> bytes:
    binding = Binding(vault_id, collection, 1, grant, "terms", 0)
    try:
        return open_(grant_key.derive("terms"), bytes(record), binding)
    except CannotOpen:
        raise tampered() from None


def seal_held(key: Key, vault_id: UUID, field: str, id: UUID, revision: int, data: bytes) -> bytes:
    """What a connection keeps for itself, under its own key: bound to its field, row and state."""
    return seal(key.derive(field), data, Binding(vault_id, NIL, 1, id, field, revision))


def open_held(
    key: Key, vault_id: UUID, field: str, id: UUID, revision: int, record: Record
) -> bytes:
    """Tampered when it is not what was sealed at exactly this place."""
    binding = Binding(vault_id, NIL, 1, id, field, revision)
    try:
        return open_(key.derive(field), bytes(record), binding)
    except CannotOpen:
        raise tampered() from None
