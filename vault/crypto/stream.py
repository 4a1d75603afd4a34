"""Sealed files of any size, under a key of their own: chunks of 1 MiB, each bound to its file.

The chunks are `chunked.py`'s; what is before them, and which key is theirs, is said here.
"""

from os import urandom
from typing import BinaryIO
from uuid import UUID

from vault.crypto.chunked import ChunkReader, Chunks, ChunkWriter
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key

MAGIC = b"SATC\x01\x01"  # version 1, alg 1: AES-256-GCM in chunks of 1 MiB
CHUNK_BYTES = 1 << 20
SALT_BYTES = 32
HEADER_BYTES = len(MAGIC) + SALT_BYTES


class SealedWriter(ChunkWriter):
    """Seals what is written to it into `raw`."""

    def __init__(self, raw: BinaryIO, key: Key, stream_id: UUID) -> None:
        header = MAGIC + urandom(SALT_BYTES)
        super().__init__(raw, chunks_of(key, stream_id, header))
        raw.write(header)


class SealedReader(ChunkReader):
    """The plaintext of a sealed file. CannotOpen as `ChunkReader` says, and for another header."""

    def __init__(self, raw: BinaryIO, key: Key, stream_id: UUID) -> None:
        raw.seek(0)
        header = raw.read(HEADER_BYTES)
        if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
            raise CannotOpen
        super().__init__(raw, HEADER_BYTES, chunks_of(key, stream_id, header))


def chunks_of(key: Key, stream_id: UUID, header: bytes) -> Chunks:
    """The chunks of one file: its header's salt makes their key new for each writing, so that a
    retried upload never repeats a nonce."""
    aead = key.derive("stream", stream_id.bytes + header).aead
    return Chunks(aead, CHUNK_BYTES, b"satchel/v1/stream" + stream_id.bytes + header)
