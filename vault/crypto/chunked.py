"""Files sealed chunk by chunk, written once from start to end and read from anywhere.

Each chunk is sealed with its index and whether it is the last (the STREAM construction). All but
the last have the same size.
"""

import io
from collections import OrderedDict
from dataclasses import dataclass
from os import SEEK_CUR, SEEK_END, SEEK_SET
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from vault.crypto.errors import CannotOpen

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TAG_BYTES = 16
"""Of either cipher."""
_CACHED_CHUNKS = 4


@dataclass(frozen=True, slots=True)
class Chunks:
    """Seals and opens single chunks of one file, whose key is its own. `size`: bytes of a full one
    in the clear."""

    aead: AESGCM | ChaCha20Poly1305
    size: int
    aad: bytes | None = None

    @property
    def sealed_size(self) -> int:
        return self.size + TAG_BYTES

    def seal(self, index: int, chunk: bytes, *, last: bool) -> bytes:
        return self.aead.encrypt(_nonce(index, last), chunk, self.aad)

    def open(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        """CannotOpen unless it was sealed with this index, as the last or not."""
        try:
            return self.aead.decrypt(_nonce(index, last), sealed, self.aad)
        except InvalidTag:
            raise CannotOpen from None


class ChunkWriter:
    """Seals what is written to it into `raw`, which stays open. Only `close` makes the file whole:
    one that was left half-written, or whose `with` block failed, does not open."""

    def __init__(self, raw: BinaryIO, chunks: Chunks) -> None:
        self._raw, self._chunks = raw, chunks
        self._waiting = bytearray()
        self._index = 0
        self._closed = False

    def write(self, data: bytes) -> int:
        """Take all of `data`; at most one chunk stays in memory."""
        if self._closed:
            raise ValueError("This sealed file is closed.")
        size = self._chunks.size
        for start in range(0, len(data), size):
            self._waiting += data[start : start + size]
            # A full chunk waits: only what follows tells whether it was the last.
            if len(self._waiting) > size:
                self._put(last=False)
        return len(data)

    def flush(self) -> None:
        """Nothing: a chunk goes out when it is full. Here because zipfile calls it."""

    def close(self) -> None:
        """Write the last chunk, marked as the last."""
        if not self._closed:
            self._put(last=True)
            self._closed = True

    def _put(self, *, last: bool) -> None:
        chunk = bytes(self._waiting[: self._chunks.size])
        self._raw.write(self._chunks.seal(self._index, chunk, last=last))
        del self._waiting[: self._chunks.size]
        self._index += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        self._closed = True


class ChunkReader(io.RawIOBase):
    """The plaintext of what lies in `raw` from `start` on, readable from anywhere. `raw` must be
    seekable, and stays open. CannotOpen at once for a wrong key or a cut or lengthened file; at
    reading for altered, moved or swapped chunks."""

    def __init__(self, raw: BinaryIO, start: int, chunks: Chunks) -> None:
        self._raw, self._start, self._chunks = raw, start, chunks
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        sealed_size = raw.seek(0, SEEK_END) - start
        if sealed_size < TAG_BYTES:
            raise CannotOpen
        self._last, tail = divmod(sealed_size - 1, chunks.sealed_size)
        self.size = self._last * chunks.size + tail + 1 - TAG_BYTES
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
            index, offset = divmod(self._position, self._chunks.size)
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
            self._raw.seek(self._start + index * self._chunks.sealed_size)
            sealed = self._raw.read(self._chunks.sealed_size)
            chunk = self._chunks.open(index, sealed, last=index == self._last)
        self._cache[index] = chunk
        if len(self._cache) > _CACHED_CHUNKS:
            self._cache.popitem(last=False)
        return chunk


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])
