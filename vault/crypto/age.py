"""The age format under a passphrase (age-encryption.org/v1), for what a person carries away.

Written from its public specification, so that an archive opens with any age program and without
this service. Both directions go chunk by chunk, for which no library takes a passphrase.
"""

import base64
import binascii
import io
import os
import re
from collections import OrderedDict
from os import SEEK_CUR, SEEK_END, SEEK_SET, urandom
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vault.crypto.errors import CannotOpen, WeakParameters

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"age-encryption.org/v1\n"
LONGEST_HEADER = 256
CHUNK_BYTES = 1 << 16
FILE_KEY_BYTES = 16
WORK = 18
"""scrypt's cost as a power of two: 256 MiB and half a second. age itself uses the same."""

_TAG = 16
_NONCE = 16
_SEALED_BYTES = CHUNK_BYTES + _TAG
_CACHED_CHUNKS = 4
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


class AgeWriter:
    """Writes an age file into `raw`. Only `close` makes it whole. Each writer takes a nonce of its
    own, so one that starts over under the same file key repeats nothing."""

    def __init__(self, raw: BinaryIO, header: bytes, file_key: bytes) -> None:
        nonce = urandom(_NONCE)
        raw.write(header + nonce)
        self._aead, self._raw = _payload(file_key, nonce), raw
        self._waiting = bytearray()
        self._index = 0

    def write(self, data: bytes) -> int:
        """Take all of `data`; at most one chunk stays in memory."""
        for start in range(0, len(data), CHUNK_BYTES):
            self._waiting += data[start : start + CHUNK_BYTES]
            # A full chunk waits: only what follows tells whether it was the last.
            if len(self._waiting) > CHUNK_BYTES:
                self._put(last=False)
        return len(data)

    def flush(self) -> None:
        """Nothing: a chunk goes out when it is full. Here because zipfile calls it."""

    def close(self) -> None:
        """Write the last chunk, marked as the last. `raw` stays open."""
        self._put(last=True)

    def _put(self, *, last: bool) -> None:
        chunk = bytes(self._waiting[:CHUNK_BYTES])
        self._raw.write(self._aead.encrypt(_chunk_nonce(self._index, last), chunk, None))
        del self._waiting[:CHUNK_BYTES]
        self._index += 1


class AgeReader(io.RawIOBase):
    """What an age file holds, readable from anywhere. `raw` must be seekable, and stays open.
    CannotOpen at once for a cut or lengthened file, at reading for altered chunks."""

    def __init__(self, raw: BinaryIO, header: bytes, file_key: bytes) -> None:
        self._raw, self._start = raw, len(header) + _NONCE
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        sealed_size = raw.seek(0, SEEK_END) - self._start
        if sealed_size < _TAG:
            raise CannotOpen
        self._last, tail = divmod(sealed_size - 1, _SEALED_BYTES)
        self.size = self._last * CHUNK_BYTES + tail + 1 - _TAG
        raw.seek(len(header))
        self._aead = _payload(file_key, raw.read(_NONCE))
        # Only the true last chunk opens as the last: this proves the size before anything is read.
        if not self._chunk(self._last) and self._last:
            raise CannotOpen

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        origins = {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self.size}
        if whence not in origins or origins[whence] + offset < 0:
            raise ValueError("There is nothing before the start.")
        self._position = origins[whence] + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill all of the buffer unless the file ends, across chunks: zipfile counts on it."""
        target = memoryview(buffer).cast("B")
        done = 0
        while done < len(target) and self._position < self.size:
            index, offset = divmod(self._position, CHUNK_BYTES)
            piece = memoryview(self._chunk(index))[offset : offset + len(target) - done]
            target[done : done + len(piece)] = piece
            done += len(piece)
            self._position += len(piece)
        return done

    def close(self) -> None:
        """Forget the plaintext of the chunks read last."""
        self._cache.clear()
        super().close()

    def _chunk(self, index: int) -> bytes:
        chunk = self._cache.pop(index, None)
        if chunk is None:
            self._raw.seek(self._start + index * _SEALED_BYTES)
            sealed = self._raw.read(_SEALED_BYTES)
            try:
                nonce = _chunk_nonce(index, index == self._last)
                chunk = self._aead.decrypt(nonce, sealed, None)
            except InvalidTag:
                raise CannotOpen from None
        self._cache[index] = chunk
        if len(self._cache) > _CACHED_CHUNKS:
            self._cache.popitem(last=False)
        return chunk


def _wrapping(passphrase: str, salt: bytes, work: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << work, r=8, p=1)
    with _runs:  # each run takes its memory whole
        return ChaCha20Poly1305(scrypt.derive(passphrase.encode("utf-8", "surrogatepass")))


def _payload(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))


def _mac(file_key: bytes, unsigned: bytes) -> bytes:
    mac = HMAC(HKDF(SHA256(), 32, salt=b"", info=b"header").derive(file_key), SHA256())
    mac.update(unsigned)
    return mac.finalize()


def _chunk_nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])


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
