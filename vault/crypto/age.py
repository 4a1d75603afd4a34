"""The age format under a passphrase (age-encryption.org/v1), for what a person carries away.

Written from its public specification, so that an archive opens with any age program and without
this service. Both directions go chunk by chunk, for which no library takes a passphrase.
"""

import base64
import binascii
import os
import re
from os import urandom
from threading import BoundedSemaphore
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vault.crypto.chunked import ChunkReader, Chunks, ChunkWriter
from vault.crypto.errors import CannotOpen, WeakParameters

MAGIC = b"age-encryption.org/v1\n"
LONGEST_HEADER = 256
CHUNK_BYTES = 1 << 16
FILE_KEY_BYTES = 16
WORK = 18
"""scrypt's cost as a power of two: 256 MiB and half a second. age itself uses the same."""

_NONCE = 16
_SALT_LABEL = b"age-encryption.org/v1/scrypt"
# A passphrase stanza must be the only one, so the whole header has this one shape.
_HEADER = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n"
    rb"([A-Za-z0-9+/]{43})\n---( ([A-Za-z0-9+/]{43})\n)"
)
_runs = BoundedSemaphore(1)


def new_header(passphrase: str, work: int = WORK) -> tuple[bytes, bytes]:
    """A header that locks a fresh file key, and that key: 16 bytes."""
    salt, file_key = urandom(16), urandom(FILE_KEY_BYTES)
    wrapped = _wrapping(passphrase, salt, work).encrypt(bytes(12), file_key, None)
    lines = (MAGIC, b"-> scrypt ", _base64(salt), b" %d\n" % work, _base64(wrapped), b"\n---")
    unsigned = b"".join(lines)
    return unsigned + b" " + _base64(_mac(file_key, unsigned)) + b"\n", file_key


def header_of(start: bytes) -> bytes:
    """The header at the start of a file, of which at least `LONGEST_HEADER` bytes are given.
    CannotOpen when it is not an age file under a passphrase."""
    found = _HEADER.match(start)
    if found is None:
        raise CannotOpen
    return found[0]


def open_header(header: bytes, passphrase: str) -> bytes:
    """The file key. CannotOpen for another passphrase or an altered header, WeakParameters when
    it asks for more work than `WORK`."""
    found = _HEADER.fullmatch(header)
    if found is None:
        raise CannotOpen
    if int(found[2]) > WORK:
        raise WeakParameters("This age file asks for more work than is done here.")
    try:
        wrapping = _wrapping(passphrase, _unbase64(found[1]), int(found[2]))
        file_key = wrapping.decrypt(bytes(12), _unbase64(found[3]), None)
    except InvalidTag:
        raise CannotOpen from None
    if not bytes_eq(_mac(file_key, header[: found.start(4)]), _unbase64(found[5])):
        raise CannotOpen
    return file_key


class AgeWriter(ChunkWriter):
    """Writes an age file into `raw`. Each writer takes a nonce of its own, so one that starts over
    under the same file key repeats nothing."""

    def __init__(self, raw: BinaryIO, header: bytes, file_key: bytes) -> None:
        nonce = urandom(_NONCE)
        raw.write(header + nonce)
        super().__init__(raw, _chunks(file_key, nonce))


class AgeReader(ChunkReader):
    """What an age file holds. CannotOpen as `ChunkReader` says."""

    def __init__(self, raw: BinaryIO, header: bytes, file_key: bytes) -> None:
        raw.seek(len(header))
        nonce = raw.read(_NONCE)
        super().__init__(raw, len(header) + _NONCE, _chunks(file_key, nonce))


def _wrapping(passphrase: str, salt: bytes, work: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << work, r=8, p=1)
    with _runs:  # each run takes its memory whole
        return ChaCha20Poly1305(scrypt.derive(passphrase.encode("utf-8", "surrogatepass")))


def _chunks(file_key: bytes, nonce: bytes) -> Chunks:
    payload = HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key)
    return Chunks(ChaCha20Poly1305(payload), CHUNK_BYTES)


def _mac(file_key: bytes, unsigned: bytes) -> bytes:
    mac = HMAC(HKDF(SHA256(), 32, salt=b"", info=b"header").derive(file_key), SHA256())
    mac.update(unsigned)
    return mac.finalize()


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    """CannotOpen unless it is spelled as `_base64` spells it."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise CannotOpen from None
    if _base64(data) != text:
        raise CannotOpen
    return data


def _forget_runs_of_parent() -> None:
    global _runs  # noqa: PLW0603
    _runs = BoundedSemaphore(1)


# A fork while a run is under way would leave the child a semaphore that nobody releases.
os.register_at_fork(after_in_child=_forget_runs_of_parent)
