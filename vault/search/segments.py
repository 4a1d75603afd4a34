"""Many embeddings in one record, as it is sealed: what cold opening reads."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from vault.search.embed import Embedding

MOST = 1024
"""Memories in one segment."""

_HEAD = struct.Struct("<BI")  # version, entries
_ENTRY = struct.Struct("<16sII")  # memory, revision, bytes that follow
_VERSION = 1


def pack(entries: Sequence[tuple[UUID, int, bytes]]) -> bytes:
    """(memory, revision, `Embedding.to_bytes()`) one after the other."""
    return _HEAD.pack(_VERSION, len(entries)) + b"".join(_packed(entries))


def unpack(data: bytes) -> Iterator[tuple[UUID, int, Embedding]]:
    """ValueError on anything that `pack` would not have written."""
    if len(data) < _HEAD.size:
        raise ValueError("segment: too short")
    version, count = _HEAD.unpack_from(data)
    if version != _VERSION or count > MOST:
        raise ValueError("segment: unknown version or size")
    offset = _HEAD.size
    for _ in range(count):
        if len(data) < offset + _ENTRY.size:
            raise ValueError("segment: ends early")
        memory, revision, length = _ENTRY.unpack_from(data, offset)
        offset += _ENTRY.size
        yield UUID(bytes=memory), revision, Embedding.from_bytes(data[offset : offset + length])
        offset += length
    if offset != len(data):
        raise ValueError("segment: wrong size")


def _packed(entries: Iterable[tuple[UUID, int, bytes]]) -> Iterator[bytes]:
    for memory, revision, embedding in entries:
        yield _ENTRY.pack(memory.bytes, revision, len(embedding))
        yield embedding
