"""Recovery codes, passkeys and tokens, and the slot keys they give."""

import re
from secrets import randbelow
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from vault.crypto.errors import CannotOpen, MistypedCode
from vault.crypto.keys import Key

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
SYMBOLS = 27  # of 5 bits: 135, and one more symbol to check
PRF_BYTES = 32
_CHECK = 37
_LONGEST_TYPED = 200
_LOOKALIKES = str.maketrans("OIL", "011")
_SPACING = re.compile(r"[\s\u00ad\u200b\u2010-\u2015\u2212-]+")


def recovery_code() -> str:
    """A new code of 134.8 bits: seven groups of four, the last symbol checks the others."""
    while True:
        number = randbelow(1 << 5 * SYMBOLS)
        # Crockford's check symbol can be one of *~$=U; nobody should have to type those.
        if number % _CHECK < len(ALPHABET):
            text = _symbols(number) + ALPHABET[number % _CHECK]
            return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def recovery_key(code: str, vault: UUID) -> Key:
    """The slot key of a code as a person typed it: case, spaces and dashes do not count, O is 0,
    I and L are 1. MistypedCode when it cannot be a code."""
    number = _number(code).to_bytes(17, "big")
    return Key.from_secret(number).derive("recovery", vault.bytes)


def passkey_key(output: bytes, vault: UUID) -> Key:
    """The slot key of a passkey, from the 32 bytes that its authenticator computes for our salt.
    CannotOpen for another length, and for zeros: what is broken would answer everybody so."""
    if len(output) != PRF_BYTES or not any(output):
        raise CannotOpen
    return Key.from_secret(output).derive("passkey", vault.bytes)


def token_key(token: bytes, pepper: bytes, kind: str, grant_pepper: bytes = b"") -> Key:
    """The slot key of a token: it takes the token, the pepper of its day (32 bytes) and, for a
    grant's token, the pepper of that grant (32 bytes)."""
    if len(pepper) != 32 or len(grant_pepper) not in (0, 32):
        raise ValueError("A pepper has 32 bytes.")
    salt = pepper + grant_pepper
    return Key.from_secret(token, salt=salt).derive("token", kind.encode())


def token_hash(token: bytes) -> bytes:
    """SHA-256 of a token: what is stored to find its row."""
    digest = Hash(SHA256())
    digest.update(token)
    return digest.finalize()


def _symbols(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(SYMBOLS)))


def _number(code: str) -> int:
    if len(code) > _LONGEST_TYPED:
        raise MistypedCode
    text = _SPACING.sub("", code).upper().translate(_LOOKALIKES)
    if len(text) != SYMBOLS + 1 or any(symbol not in ALPHABET for symbol in text):
        raise MistypedCode
    number = 0
    for symbol in text[:-1]:
        number = number << 5 | ALPHABET.index(symbol)
    if number % _CHECK != ALPHABET.index(text[-1]):
        raise MistypedCode
    return number
