"""Text to vectors: the value, the protocol every embedder follows, and the default one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TOKEN_DIM = 64
MAX_TOKENS = 96
MAX_PASSAGES = 16
HEADER = struct.Struct("<BHBBB")  # version, dim, passages, tokens, bytes of a token id
VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """The vectors of one text.

    `passages` (n, dim) float16, each of length 1. `tokens` (t, 64) int8 are the vectors of its
    tokens, for short texts only, and `token_ids` (t,) int32 says which tokens they are.
    """

    passages: NDArray[np.float16]
    tokens: NDArray[np.int8] | None = None
    token_ids: NDArray[np.int32] | None = None

    @property
    def dim(self) -> int:
        return int(self.passages.shape[1])

    def to_bytes(self) -> bytes:
        """Compact and versioned, for sealing; read back by `from_bytes`."""
        passages = self.passages.astype("<f2", copy=False).tobytes()
        shape = (self.dim, len(self.passages))
        if self.tokens is None or self.token_ids is None:
            return HEADER.pack(VERSION, *shape, 0, 0) + passages
        width = 2 if self.token_ids.max(initial=0) < 1 << 16 else 4
        ids = self.token_ids.astype(f"<u{width}").tobytes()
        header = HEADER.pack(VERSION, *shape, len(self.tokens), width)
        return b"".join((header, passages, self.tokens.tobytes(), ids))

    @classmethod
    def from_bytes(cls, data: bytes) -> Embedding:
        """ValueError on anything that `to_bytes` would not have written."""
        dim, passages, tokens, width = _header(data)
        start = HEADER.size
        vectors = np.frombuffer(data, "<f2", passages * dim, start).reshape(passages, dim)
        _check_lengths(vectors)
        if not tokens:
            return cls(vectors)
        start += vectors.nbytes
        table = np.frombuffer(data, np.int8, tokens * TOKEN_DIM, start)
        ids = np.frombuffer(data, f"<u{width}", tokens, start + table.nbytes)
        if ids.max() >= 1 << 31:
            raise ValueError("embedding: impossible token id")
        return cls(vectors, table.reshape(tokens, TOKEN_DIM), ids.astype(np.int32))


def _header(data: bytes) -> tuple[int, int, int, int]:
    if len(data) < HEADER.size:
        raise ValueError("embedding: too short")
    version, dim, passages, tokens, width = HEADER.unpack_from(data)
    if version != VERSION:
        raise ValueError("embedding: unknown version")
    if not dim or not 0 < passages <= MAX_PASSAGES or tokens > MAX_TOKENS:
        raise ValueError("embedding: impossible shape")
    if width not in ((2, 4) if tokens else (0,)):
        raise ValueError("embedding: impossible token id width")
    if len(data) != HEADER.size + 2 * dim * passages + tokens * (TOKEN_DIM + width):
        raise ValueError("embedding: wrong size")
    return dim, passages, tokens, width


def _check_lengths(vectors: NDArray[np.float16]) -> None:
    wide = vectors.astype(np.float32)
    squares = np.einsum("ij,ij->i", wide, wide)
    if not (np.abs(squares - 1) < 0.02).all():  # also catches NaN and infinity
        raise ValueError("embedding: a vector is not of length 1")


class Embedder(Protocol):
    """Thread-safe. `model` is a stable id with a version: store it beside the vectors."""

    @property
    def model(self) -> str: ...
    @property
    def dim(self) -> int: ...

    def embed(self, text: str) -> Embedding:
        """The vectors to store for a text (see `documents.indexed_text`)."""

    def query(self, text: str) -> Embedding:
        """The vectors to search with: always one passage."""


def default_embedder(cache: Path, *, threads: int = 1) -> Embedder:
    """MiniLM, built once into the folder `cache`; wordllama where MiniLM's files are absent.

    Never touches the network. `ModelFilesError` when neither model's files are usable.
    """
    from vault.search.models import minilm, wordllama

    if minilm.available():
        return minilm.load(cache, threads=threads)
    return wordllama.load()
