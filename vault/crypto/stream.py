"""Sealed files of any size, written once from start to end and read from anywhere.

Chunks of 1 MiB, each sealed with its index and whether it is the last (the STREAM construction),
under a key of this file alone.
"""

import io
from collections import OrderedDict
from os import SEEK_CUR, SEEK_END, SEEK_SET, urandom
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag

from vault.crypto.envelope import TAG_BYTES
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"SATC\x01\x01"  # version 1, alg 1: AES-256-GCM in chunks of 1 MiB
CHUNK_BYTES = 1 << 20
SALT_BYTES = 32
HEADER_BYTES = len(MAGIC) + SALT_BYTES
_SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
_CACHED_CHUNKS = 4


class _Chunks:
    """Seals and opens single chunks of one file."""

    def __init__(self, key: Key, stream_id: UUID, header: bytes) -> None:
        # The salt makes the key new for each writing: a retried upload never repeats a nonce.
        self._aead = key.derive("stream", stream_id.bytes + header).aead
        self._aad = b"satchel/v1/stream" + stream_id.bytes + header

    def seal(self, index: int, chunk: bytes, *, last: bool) -> bytes:
        return self._aead.encrypt(_nonce(index, last), chunk, self._aad)

    def open(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._aead.decrypt(_nonce(index, last), sealed, self._aad)
        except InvalidTag:
            raise CannotOpen from None


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])


class SealedWriter:
    """Seals what is written to it into `raw`. Only `close` makes the file whole: one that was
    left half-written, or whose `with` block failed, does not open. `raw` stays open."""

    def __init__(self, raw: BinaryIO, key: Key, stream_id: UUID) -> None:
        header = MAGIC + urandom(SALT_BYTES)
        self._chunks = _Chunks(key, stream_id, header)
        self._raw = raw
        self._waiting = bytearray()
        self._index = 0
        self._closed = False
        raw.write(header)

    def write(self, data: bytes) -> int:
        """Take all of `data`; at most one chunk stays in memory."""
        if self._closed:
            raise ValueError("This sealed file is closed.")
        for start in range(0, len(data), CHUNK_BYTES):
            self._waiting += data[start : start + CHUNK_BYTES]
            # A full chunk waits: only what follows tells whether it was the last.
            if len(self._waiting) > CHUNK_BYTES:
                self._flush(last=False)
        return len(data)

    def flush(self) -> None:
        """Nothing: a chunk goes out when it is full. Here because zipfile calls it."""

    def close(self) -> None:
        """Write the last chunk, marked as the last."""
        if not self._closed:
            self._flush(last=True)
            self._closed = True

    def _flush(self, *, last: bool) -> None:
        chunk = bytes(self._waiting[:CHUNK_BYTES])
        self._raw.write(self._chunks.seal(self._index, chunk, last=last))
        del self._waiting[:CHUNK_BYTES]
        self._index += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        self._closed = True


class SealedReader(io.RawIOBase):
    """The plaintext of a sealed file, readable from anywhere. `raw` must be seekable, and stays
    open. CannotOpen at once for a wrong key or a cut or lengthened file; at reading for altered,
    moved or swapped chunks."""

    def __init__(self, raw: BinaryIO, key: Key, stream_id: UUID) -> None:
        self._raw = raw
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        sealed_size = raw.seek(0, SEEK_END) - HEADER_BYTES
        if sealed_size < TAG_BYTES:
            raise CannotOpen
        self._last, tail = divmod(sealed_size - 1, _SEALED_BYTES)
        self.size = self._last * CHUNK_BYTES + tail + 1 - TAG_BYTES
        self._chunks = _Chunks(key, stream_id, self._read_header())
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

    def _read_header(self) -> bytes:
        self._raw.seek(0)
        header = self._raw.read(HEADER_BYTES)
        if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
            raise CannotOpen
        return header

    def _chunk(self, index: int) -> bytes:
        chunk = self._cache.pop(index, None)
        if chunk is None:
            self._raw.seek(HEADER_BYTES + index * _SEALED_BYTES)
            sealed = self._raw.read(_SEALED_BYTES)
            chunk = self._chunks.open(index, sealed, last=index == self._last)
        self._cache[index] = chunk
        if len(self._cache) > _CACHED_CHUNKS:
            self._cache.popitem(last=False)
        return chunk
