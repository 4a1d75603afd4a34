"""Many embeddings in one record, as it is sealed: what cold opening reads.

Column by column, so that a thousand vectors go into an index as one block.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from vault.search.embed import MAX_PASSAGES, MAX_TOKENS, Embedding, check_lengths

MOST = 1024
"""Memories in one segment."""

_HEAD = struct.Struct("<BHIIIB")  # version, dim, entries, passages, token ids, bytes of one
_VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Embeddings as columns. `ids` (n, 16) bytes; `revisions`, `passages` and `tokens` (n,): how
    many each has; `vectors` (sum of passages, dim) float16; `token_ids` (sum of tokens,)."""

    ids: NDArray[np.uint8]
    revisions: NDArray[np.int64]
    passages: NDArray[np.int64]
    tokens: NDArray[np.int64]
    vectors: NDArray[np.float16]
    token_ids: NDArray[np.int32]

    def entries(self) -> Iterator[tuple[UUID, int, Embedding]]:
        ends, token_ends = np.cumsum(self.passages).tolist(), np.cumsum(self.tokens).tolist()
        start = first = 0
        for row, revision in enumerate(self.revisions.tolist()):
            vectors, ids = self.vectors[start : ends[row]], self.token_ids[first : token_ends[row]]
            start, first = ends[row], token_ends[row]
            id = UUID(bytes=self.ids[row].tobytes())
            yield id, revision, Embedding(vectors, None, ids if len(ids) else None)


def pack(entries: Sequence[tuple[UUID, int, bytes]]) -> bytes:
    """(memory, revision, `Embedding.to_bytes()`) of one model, one after the other."""
    embeddings = [Embedding.from_bytes(data) for _, _, data in entries]
    if len({one.dim for one in embeddings}) != 1 or len(entries) > MOST:
        raise ValueError("segment: of several models, or empty, or too many")
    told = [np.empty(0, np.int32) if e.token_ids is None else e.token_ids for e in embeddings]
    vectors = np.concatenate([one.passages for one in embeddings]).astype("<f2", copy=False)
    tokens = np.concatenate(told)
    width = 2 if tokens.max(initial=0) < 1 << 16 else 4
    counts = (embeddings[0].dim, len(entries), len(vectors), len(tokens), width)
    columns = (
        b"".join(id.bytes for id, _, _ in entries),
        np.array([revision for _, revision, _ in entries], "<u4").tobytes(),
        bytes(len(one.passages) for one in embeddings),
        bytes(len(ids) for ids in told),
        vectors.tobytes(),
        tokens.astype(f"<u{width}").tobytes(),
    )
    return _HEAD.pack(_VERSION, *counts) + b"".join(columns)


def unpack(data: bytes) -> Iterator[tuple[UUID, int, Embedding]]:
    """ValueError on anything that `pack` would not have written."""
    return parse(data).entries()


def parse(data: bytes) -> Block:
    """The same as columns, without a copy of the vectors. ValueError likewise."""
    if len(data) < _HEAD.size:
        raise ValueError("segment: too short")
    version, dim, entries, rows, tokens, width = _HEAD.unpack_from(data)
    if version != _VERSION or not 0 < entries <= MOST or not dim or width not in (2, 4):
        raise ValueError("segment: unknown version or size")
    if len(data) != _HEAD.size + entries * 22 + rows * dim * 2 + tokens * width:
        raise ValueError("segment: wrong size")
    offset = _HEAD.size
    ids = np.frombuffer(data, np.uint8, entries * 16, offset).reshape(entries, 16)
    revisions = np.frombuffer(data, "<u4", entries, offset + entries * 16)
    counts = np.frombuffer(data, np.uint8, entries * 2, offset + entries * 20).reshape(2, entries)
    offset += entries * 22
    vectors = np.frombuffer(data, "<f2", rows * dim, offset).reshape(rows, dim)
    told = np.frombuffer(data, f"<u{width}", tokens, offset + vectors.nbytes)
    passages, tokens_each = counts.astype(np.int64)
    block = Block(
        ids, revisions.astype(np.int64), passages, tokens_each, vectors, told.astype(np.int32)
    )
    _check(block)
    return block


def _check(block: Block) -> None:
    if (block.passages.sum(), block.tokens.sum()) != (len(block.vectors), len(block.token_ids)):
        raise ValueError("segment: its counts do not add up")
    if not (block.passages > 0).all() or (block.passages > MAX_PASSAGES).any():
        raise ValueError("segment: impossible passages")
    if (block.tokens > MAX_TOKENS).any() or (block.token_ids < 0).any():
        raise ValueError("segment: impossible tokens")
    check_lengths(block.vectors)
