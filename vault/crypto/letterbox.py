"""The letterbox: whoever may only add seals to a collection's public key, and can read nothing.

HPKE with the hybrid of ML-KEM-768 and X25519 (X-Wing). Letters are the only thing at rest that
rests on public-key cryptography; with the hybrid, a database copied today stays closed even to
a later quantum computer, and X25519 still stands should ML-KEM fall.
"""

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHAKE256, Hash
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from vault.crypto.envelope import HEADER_BYTES, LETTERBOX, TAG_BYTES, VERSION, Binding
from vault.crypto.errors import CannotOpen
from vault.crypto.padding import pad, unpad

PRIVATE_BYTES = 32
PUBLIC_BYTES = 1216
ENCAPSULATION_BYTES = 1120
_MLKEM_PUBLIC_BYTES = 1184
PrivateKey = MLKEM768X25519PrivateKey
_LEAST_BYTES = HEADER_BYTES + ENCAPSULATION_BYTES + TAG_BYTES
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def generate_pair() -> tuple[bytes, bytes]:
    """(private, public): a 32-byte seed to keep under the collection key, and 1,216 bytes that
    anyone may hold. Who hands the public half out must authenticate it, with a mac."""
    private = urandom(PRIVATE_BYTES)
    return private, public_of(private)


def public_of(private: bytes) -> bytes:
    """The public half of a private one."""
    mlkem, x25519 = _halves(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def post(public: bytes, plaintext: bytes, binding: Binding) -> bytes:
    """A record that only the private half opens, padded. It does not say who posted it.
    ValueError when `public` is not a public half."""
    key = _public(public)
    info = binding.aad(VERSION, LETTERBOX)
    return info[:HEADER_BYTES] + _SUITE.encrypt(pad(plaintext), key, info)


def private_key(private: bytes) -> PrivateKey:
    """A private half as `collect` takes it: to make it takes as long as to open a letter."""
    return MLKEM768X25519PrivateKey(*_halves(private))


def collect(private: bytes | PrivateKey, record: bytes, binding: Binding) -> bytes:
    """The plaintext of a posted record; CannotOpen for anything else."""
    info = binding.aad(VERSION, LETTERBOX)
    if len(record) < _LEAST_BYTES or record[:HEADER_BYTES] != info[:HEADER_BYTES]:
        raise CannotOpen
    key = private_key(private) if isinstance(private, bytes) else private
    try:
        return unpad(_SUITE.decrypt(record[HEADER_BYTES:], key, info))
    except InvalidTag:
        raise CannotOpen from None


def _halves(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """X-Wing's own expansion of its 32-byte private key."""
    if len(private) != PRIVATE_BYTES:
        raise ValueError("A letterbox's private half has 32 bytes.")
    expansion = Hash(SHAKE256(96))
    expansion.update(private)
    seeds = expansion.finalize()
    return (
        MLKEM768PrivateKey.from_seed_bytes(seeds[:64]),
        X25519PrivateKey.from_private_bytes(seeds[64:]),
    )


def _public(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_BYTES:
        raise ValueError("A letterbox's public half has 1,216 bytes.")
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
    )
