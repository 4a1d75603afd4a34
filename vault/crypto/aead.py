"""Sealing and opening records, and keys under keys, with AES-256-GCM."""

from os import urandom

from cryptography.exceptions import InvalidTag

from vault.crypto.envelope import (
    EXACT,
    HEADER_BYTES,
    LEAST_BYTES,
    NONCE_BYTES,
    PADDED,
    VERSION,
    WRAPPED,
    Binding,
)
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import KEY_BYTES, Key
from vault.crypto.padding import pad as add_padding
from vault.crypto.padding import unpad

_BODY = HEADER_BYTES + NONCE_BYTES


def seal(key: Key, plaintext: bytes, binding: Binding, *, pad: bool = True) -> bytes:
    """A record that opens only with this key and this binding. Padded to a size class unless
    `pad` is off, for data whose size is public anyway. Under 2 GiB; more goes through stream."""
    if pad:
        return _seal(key, add_padding(plaintext), binding, PADDED)
    return _seal(key, plaintext, binding, EXACT)


def open_(key: Key, record: bytes, binding: Binding) -> bytes:
    """The plaintext of a record made by `seal`; CannotOpen for anything else."""
    if record[1:2] == b"\x01":
        return unpad(_open(key, record, binding, PADDED))
    return _open(key, record, binding, EXACT)


def wrap(key: Key, inner: Key, binding: Binding) -> bytes:
    """A key under a key. Its alg byte differs from a record's, so text can never become a key."""
    return _seal(key, inner.raw, binding, WRAPPED)


def unwrap(key: Key, record: bytes, binding: Binding) -> Key:
    """The key inside a record made by `wrap`; CannotOpen for anything else."""
    raw = _open(key, record, binding, WRAPPED)
    if len(raw) != KEY_BYTES:
        raise CannotOpen
    return Key(raw)


def _seal(key: Key, plaintext: bytes, binding: Binding, alg: int) -> bytes:
    aad = binding.aad(VERSION, alg)
    nonce = urandom(NONCE_BYTES)
    return aad[:HEADER_BYTES] + nonce + key.aead.encrypt(nonce, plaintext, aad)


def _open(key: Key, record: bytes, binding: Binding, alg: int) -> bytes:
    aad = binding.aad(VERSION, alg)
    if len(record) < LEAST_BYTES or record[:HEADER_BYTES] != aad[:HEADER_BYTES]:
        raise CannotOpen
    try:
        return key.aead.decrypt(record[HEADER_BYTES:_BODY], record[_BODY:], aad)
    except InvalidTag:
        raise CannotOpen from None
