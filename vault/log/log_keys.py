"""Keys of the access log: the pair that its lines are sealed to, and what a browser remembers."""

from uuid import UUID

from vault.crypto import letterbox
from vault.crypto.aead import open_, seal
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.ids import NIL
from vault.keys.keyring import Key, log_binding, tampered
from vault.keys.slots import Record, log_chain_key


def new_log(vault_id: UUID, vault_key: Key) -> tuple[bytes, bytes]:
    """The access log's public half, and its private half sealed under the vault key."""
    private, public = letterbox.generate_pair()
    return public, seal(vault_key.derive("log"), private, _vault_binding(vault_id, "log"))


def open_log(vault_id: UUID, vault_key: Key, sealed: Record) -> bytes:
    try:
        return open_(vault_key.derive("log"), bytes(sealed), _vault_binding(vault_id, "log"))
    except CannotOpen:
        raise tampered() from None


def log_pair(vault_id: UUID, vault_key: Key, sealed: Record) -> tuple[bytes, bytes]:
    """The log's public and private half, from the sealed private one. Tampered unless it opens."""
    private = open_log(vault_id, vault_key, sealed)
    return letterbox.public_of(private), private


def write_log(vault_id: UUID, public: Record, seq: int, data: bytes) -> bytes:
    return letterbox.post(bytes(public), data, log_binding(vault_id, seq))


def seal_anchor(vault_id: UUID, data: bytes) -> bytes:
    """What a browser is to remember of a vault, so that it neither reads nor forges it."""
    key = log_chain_key(vault_id).derive("anchor")
    return seal(key, data, _vault_binding(vault_id, "anchor"))


def open_anchor(vault_id: UUID, record: Record) -> bytes:
    try:
        key = log_chain_key(vault_id).derive("anchor")
        return open_(key, bytes(record), _vault_binding(vault_id, "anchor"))
    except CannotOpen:
        raise tampered() from None


def _vault_binding(vault_id: UUID, field: str) -> Binding:
    return Binding(vault_id, NIL, 1, vault_id, field, 0)
