"""Slots: the ways to open a key. A slot key, from a password, a code or a token, opens one."""

from dataclasses import dataclass
from os import urandom
from struct import Struct
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.constant_time import bytes_eq

from vault.crypto.codes import passkey_key, recovery_code, recovery_key, token_hash, token_key
from vault.crypto.envelope import NONCE_BYTES, TAG_BYTES
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import KEY_BYTES, Key

__all__ = [
    "open_slot",
    "passkey_key",
    "recovery_code",
    "recovery_key",
    "seal_slot",
    "slot_header",
    "slot_kind",
    "token_hash",
    "token_key",
]

VERSION = 1
LONGEST_HEADER = 1024
_FRAME = Struct(">BBH")  # version, length of kind, length of header
_COMMITMENT_BYTES = 32
_TAIL_BYTES = _COMMITMENT_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class _Parts:
    frame: bytes
    kind: str
    header: bytes
    commitment: bytes
    nonce: bytes
    ciphertext: bytes


def seal_slot(
    *, kind: str, slot_key: Key, inner: Key, vault: UUID, id: UUID, header: bytes = b""
) -> bytes:
    """`inner` under `slot_key`, bound to the kind, the vault, the slot's id and the header (what
    it takes to derive the slot key again; at most 1,024 bytes)."""
    frame = _frame(kind, header)
    context = _context(frame, vault, id)
    nonce = urandom(NONCE_BYTES)
    sealed = slot_key.aead.encrypt(nonce, inner.raw, context)
    return frame + _commitment(slot_key, context) + nonce + sealed


def open_slot(slot: bytes, *, kind: str, slot_key: Key, vault: UUID, id: UUID) -> Key:
    """The key inside; CannotOpen for a wrong key, another kind, vault or id, or altered bytes."""
    parts = _parse(slot)
    context = _context(parts.frame, vault, id)
    committed = bytes_eq(parts.commitment, _commitment(slot_key, context))
    if parts.kind != kind or not committed:
        raise CannotOpen
    try:
        return Key(slot_key.aead.decrypt(parts.nonce, parts.ciphertext, context))
    except InvalidTag:
        raise CannotOpen from None


def slot_header(slot: bytes) -> bytes:
    """The header the slot was sealed with, not authenticated until the slot is opened."""
    return _parse(slot).header


def slot_kind(slot: bytes) -> str:
    """The kind the slot says it is, not authenticated until the slot is opened."""
    return _parse(slot).kind


def _frame(kind: str, header: bytes) -> bytes:
    name = kind.encode("ascii")
    if not 0 < len(name) <= 255 or len(header) > LONGEST_HEADER:
        raise ValueError("A kind is short ASCII; a header has at most 1,024 bytes.")
    return _FRAME.pack(VERSION, len(name), len(header)) + name + header


def _parse(slot: bytes) -> _Parts:
    if len(slot) < _FRAME.size:
        raise CannotOpen
    version, kind_length, header_length = _FRAME.unpack_from(slot)
    start = _FRAME.size + kind_length
    body = start + header_length
    too_long = header_length > LONGEST_HEADER
    if version != VERSION or not kind_length or too_long or len(slot) != body + _TAIL_BYTES:
        raise CannotOpen
    kind = slot[_FRAME.size : start].decode("ascii", "replace")
    nonce = body + _COMMITMENT_BYTES
    sealed = nonce + NONCE_BYTES
    return _Parts(
        slot[:body], kind, slot[start:body], slot[body:nonce], slot[nonce:sealed], slot[sealed:]
    )


def _context(frame: bytes, vault: UUID, id: UUID) -> bytes:
    return b"satchel/v1/slot" + vault.bytes + id.bytes + frame


def _commitment(slot_key: Key, context: bytes) -> bytes:
    """AES-GCM alone lets one ciphertext open under two keys, which would let someone who plants
    slots test many passwords at a time. This names the one key."""
    return slot_key.derive("slot/commitment", context).raw
