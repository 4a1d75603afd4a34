"""Ways to open a key: by password, recovery code, passkey, token of a grant or job, session cookie.

Each function answers with a slot's key or opens a slot; what a failure means is the caller's.
`NoWay` is that failure: the secret is wrong, or the slot was altered, or its pepper is destroyed.
"""

import base64
import binascii
import hashlib
from datetime import date
from typing import TypeAlias
from uuid import UUID

from vault.crypto.errors import CannotOpen, CryptoError, WeakParameters
from vault.crypto.keys import Key
from vault.crypto.slots import (
    open_slot,
    passkey_key,
    recovery_code,
    recovery_key,
    seal_slot,
    slot_header,
    token_key,
)
from vault.errors import VaultError
from vault.keys import hashers
from vault.keys.custodian import KeyServerError, KeysFolderError, PepperGone, custodian

__all__ = ["NoWay", "Record", "recovery_code"]

Record: TypeAlias = "bytes | memoryview[int]"
"""Sealed bytes as a row gives them."""


class NoWay(VaultError):
    """That does not open this slot."""


def password_slot(password: str, password_hash: str, vault: UUID, id: UUID, inner: Key) -> bytes:
    key = hashers.slot_key(password, password_hash)
    header = hashers.header_of(password_hash).encode()
    return seal_slot(kind="password", slot_key=key, inner=inner, vault=vault, id=id, header=header)


def open_password(password: str, header: str, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        key = hashers.slot_key(password, header)
    except (CannotOpen, WeakParameters):
        raise NoWay("The header of this slot was altered.") from None
    return _open("password", key, vault, id, slot)


def recovery_slot(code: str, vault: UUID, id: UUID, inner: Key) -> bytes:
    key = recovery_key(code, vault)
    return seal_slot(kind="recovery", slot_key=key, inner=inner, vault=vault, id=id)


def open_recovery(code: str, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        key = recovery_key(code, vault)
    except CryptoError as mistyped:
        raise NoWay(str(mistyped)) from None
    return _open("recovery", key, vault, id, slot)


def passkey_slot(output: bytes, credential: bytes, vault: UUID, id: UUID, inner: Key) -> bytes:
    """`inner` under what the passkey of this credential id (at most 1,023 bytes) gives."""
    try:
        key = passkey_key(output, vault)
    except CryptoError:
        raise NoWay("This passkey gave nothing that a key could be made of.") from None
    return seal_slot(
        kind="passkey", slot_key=key, inner=inner, vault=vault, id=id, header=credential
    )


def open_passkey(output: bytes, credential: bytes, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        key, sealed_for = passkey_key(output, vault), slot_header(bytes(slot))
    except CryptoError:
        raise NoWay("That does not open this vault.") from None
    if sealed_for != credential:
        raise NoWay("That does not open this vault.")
    return _open("passkey", key, vault, id, slot)


def token_slot(
    kind: str,
    raw: bytes,
    day: date,
    grant: UUID,
    vault: UUID,
    id: UUID,
    inner: Key,
    reach: bytes = b"",
) -> bytes:
    """A grant's key under one token, the pepper of the day it was made, and the grant's own; bound
    to what the token reaches (at most 1,024 bytes)."""
    key = _token_key(kind, raw, day, grant)
    return seal_slot(kind=kind, slot_key=key, inner=inner, vault=vault, id=id, header=reach)


def open_token_slot(
    kind: str, raw: bytes, day: date, grant: UUID, vault: UUID, id: UUID, slot: Record
) -> Key:
    return _open(kind, _token_key(kind, raw, day, grant), vault, id, slot)


def reach_of(slot: Record) -> bytes:
    """What the token of this slot reaches: to be believed once the slot was opened."""
    return slot_header(bytes(slot))


def owner_slot(vault_key: Key, vault: UUID, grant: UUID, inner: Key) -> bytes:
    """A grant's or a connection's key under the vault key, so that its owner can use it later."""
    key = vault_key.derive("grants")
    return seal_slot(kind="owner", slot_key=key, inner=inner, vault=vault, id=grant)


def open_owner_slot(vault_key: Key, vault: UUID, grant: UUID, slot: Record) -> Key:
    return _open("owner", vault_key.derive("grants"), vault, grant, slot)


def connection_slot(under: Key, vault: UUID, id: UUID, grant_key: Key) -> bytes:
    """A grant's key under that of its connection."""
    key = under.derive("grant")
    return seal_slot(kind="connection", slot_key=key, inner=grant_key, vault=vault, id=id)


def open_connection_slot(under: Key, vault: UUID, id: UUID, slot: Record) -> Key:
    return _open("connection", under.derive("grant"), vault, id, slot)


def server_slot(vault: UUID, id: UUID, inner: Key) -> bytes:
    """A connection's key under what the server keeps for it alone, so that it can be used while
    its owner is away. `shut_server_slot` ends that for all copies of the database."""
    custodian().new_grant_pepper(id)
    return seal_slot(kind="server", slot_key=_server_key(id), inner=inner, vault=vault, id=id)


def open_server_slot(vault: UUID, id: UUID, slot: Record) -> Key:
    return _open("server", _server_key(id), vault, id, slot)


def shut_server_slot(id: UUID) -> None:
    custodian().destroy_grants([id])


def run_slot(raw: bytes, day: date, vault: UUID, id: UUID, inner: Key) -> bytes:
    """A connection's key under the token of one run."""
    return seal_slot(kind="run", slot_key=job_key(raw, day), inner=inner, vault=vault, id=id)


def open_run_slot(raw: bytes, day: date, vault: UUID, id: UUID, slot: Record) -> Key:
    return _open("run", job_key(raw, day), vault, id, slot)


def job_key(raw: bytes, day: date) -> Key:
    try:
        return token_key(raw, custodian().pepper_of(day), "job")
    except PepperGone:
        raise NoWay("The key material of that day is destroyed.") from None


def _token_key(kind: str, raw: bytes, day: date, grant: UUID) -> Key:
    keeper = custodian()
    try:
        return token_key(raw, keeper.pepper_of(day), kind, keeper.grant_pepper(grant))
    except PepperGone:
        raise NoWay("The key material of this grant is destroyed.") from None


def _server_key(id: UUID) -> Key:
    keeper = custodian()
    try:
        return Key.from_secret(keeper.grant_pepper(id), keeper.pepper()).derive("server", id.bytes)
    except PepperGone:
        raise NoWay("The server holds no key for this connection any more.") from None


def session_key(secret: str, session_id: UUID) -> Key:
    try:
        raw = base64.b64decode(secret, altchars=b"-_", validate=True)
        return Key(raw).derive("session", session_id.bytes)
    except (ValueError, binascii.Error):
        raise NoWay("That is no session secret.") from None


def log_chain_key(vault: UUID) -> Key:
    """What authenticates a vault's access log. It comes from the lasting pepper, so that it is at
    hand whoever asks, and nobody can make it who has but the database."""
    return Key.from_secret(custodian().pepper()).derive("access-log", vault.bytes)


def log_chain_key_ahead(vault: UUID) -> Key | None:
    """The same, asked for before anything is locked. None when it cannot be had now: who needs it
    asks again, and is told why."""
    try:
        return log_chain_key(vault)
    except (KeyServerError, KeysFolderError):
        return None


def token_hash(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def _open(kind: str, key: Key, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        return open_slot(bytes(slot), kind=kind, slot_key=key, vault=vault, id=id)
    except CryptoError:
        raise NoWay("That does not open this vault.") from None
