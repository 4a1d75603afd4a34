"""Ways to open a key: by password, recovery code, grant token, job token or session cookie.

Each function answers with a slot's key or opens a slot; what a failure means is the caller's.
`NoWay` is that failure: the secret is wrong, or the slot was altered, or its pepper is destroyed.
"""

import base64
import binascii
import hashlib
from datetime import date
from typing import TypeAlias
from uuid import UUID

from vault import hashers
from vault.crypto.errors import CryptoError
from vault.crypto.keys import Key
from vault.crypto.slots import open_slot, recovery_code, recovery_key, seal_slot, token_key
from vault.custodian import PepperGone, custodian
from vault.errors import VaultError

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
    return _open("password", hashers.slot_key(password, header), vault, id, slot)


def recovery_slot(code: str, vault: UUID, id: UUID, inner: Key) -> bytes:
    key = recovery_key(code, vault)
    return seal_slot(kind="recovery", slot_key=key, inner=inner, vault=vault, id=id)


def open_recovery(code: str, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        key = recovery_key(code, vault)
    except CryptoError as mistyped:
        raise NoWay(str(mistyped)) from None
    return _open("recovery", key, vault, id, slot)


def token_slot(kind: str, raw: bytes, day: date, vault: UUID, id: UUID, inner: Key) -> bytes:
    """A grant's key under one token and the pepper of the day it was made."""
    key = token_key(raw, custodian().pepper_of(day), kind)
    return seal_slot(kind=kind, slot_key=key, inner=inner, vault=vault, id=id)


def open_token_slot(kind: str, raw: bytes, day: date, vault: UUID, id: UUID, slot: Record) -> Key:
    return _open(kind, job_or_token_key(kind, raw, day), vault, id, slot)


def owner_slot(vault_key: Key, vault: UUID, grant: UUID, inner: Key) -> bytes:
    """A grant's key under the vault key, so that its owner can widen it later."""
    key = vault_key.derive("grants")
    return seal_slot(kind="owner", slot_key=key, inner=inner, vault=vault, id=grant)


def job_or_token_key(kind: str, raw: bytes, day: date) -> Key:
    try:
        return token_key(raw, custodian().pepper_of(day), kind)
    except PepperGone:
        raise NoWay("The key material of that day is destroyed.") from None


def session_key(secret: str, session_id: UUID) -> Key:
    try:
        raw = base64.b64decode(secret, altchars=b"-_", validate=True)
        return Key(raw).derive("session", session_id.bytes)
    except (ValueError, binascii.Error):
        raise NoWay("That is no session secret.") from None


def token_hash(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def _open(kind: str, key: Key, vault: UUID, id: UUID, slot: Record) -> Key:
    try:
        return open_slot(bytes(slot), kind=kind, slot_key=key, vault=vault, id=id)
    except CryptoError:
        raise NoWay("That does not open this vault.") from None
