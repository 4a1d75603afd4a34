"""Text to vectors: the value, the protocol every embedder follows, and the default one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TOKEN_DIM = 64
MAX_TOKENS = 96
MAX_PASSAGES = 16
HEADER = struct.Struct("<BHBBBB")  # version, dim, passages, token vectors, token ids, bytes of one
VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """The vectors of one text.

    `passages` (n, dim) float16, each of length 1. For short texts only: `token_ids` (t,) int32,
    the tokens that tell something, and `tokens` (t, 64) int8, their vectors.
    """

    passages: NDArray[np.float16]
    tokens: NDArray[np.int8] | None = None
    token_ids: NDArray[np.int32] | None = None

    @property
    def dim(self) -> int:
        return int(self.passages.shape[1])

    def without_tokens(self) -> Embedding:
        """A third of the size: the token vectors are left out, which tokens they were is kept."""
        return Embedding(self.passages, None, self.token_ids)

    def to_bytes(self) -> bytes:
        """Compact and versioned, for sealing; read back by `from_bytes`."""
        tokens = np.empty((0, TOKEN_DIM), np.int8) if self.tokens is None else self.tokens
        ids = np.empty(0, np.int32) if self.token_ids is None else self.token_ids
        width = 2 if ids.max(initial=0) < 1 << 16 else 4
        shape = (self.dim, len(self.passages), len(tokens), len(ids), width)
        passages = self.passages.astype("<f2", copy=False).tobytes()
        header = HEADER.pack(VERSION, *shape)
        return b"".join((header, passages, tokens.tobytes(), ids.astype(f"<u{width}").tobytes()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Embedding:
        """ValueError on anything that `to_bytes` would not have written."""
        dim, passages, tokens, ids, width = _header(data)
        start = HEADER.size
        vectors = np.frombuffer(data, "<f2", passages * dim, start).reshape(passages, dim)
        check_lengths(vectors)
        if not ids:
            return cls(vectors)
        start += vectors.nbytes
        table = np.frombuffer(data, np.int8, tokens * TOKEN_DIM, start).reshape(-1, TOKEN_DIM)
        which = np.frombuffer(data, f"<u{width}", ids, start + table.nbytes)
        if width == 4 and which.max() >= 1 << 31:
            raise ValueError("embedding: impossible token id")
        return cls(vectors, table if tokens else None, which.astype(np.int32))


def _header(data: bytes) -> tuple[int, int, int, int, int]:
    if len(data) < HEADER.size:
        raise ValueError("embedding: too short")
    version, dim, passages, tokens, ids, width = HEADER.unpack_from(data)
    if version != VERSION:
        raise ValueError("embedding: unknown version")
    if not dim or not 0 < passages <= MAX_PASSAGES or ids > MAX_TOKENS:
        raise ValueError("embedding: impossible shape")
    if tokens not in (0, ids) or width not in (2, 4):
        raise ValueError("embedding: impossible tokens")
    if len(data) != HEADER.size + 2 * dim * passages + tokens * TOKEN_DIM + ids * width:
        raise ValueError("embedding: wrong size")
    return dim, passages, tokens, ids, width


def check_lengths(vectors: NDArray[np.float16]) -> None:
    """ValueError unless each row is of length 1."""
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

    @property
    def unlike(self) -> float:
        """How alike (cosine, below 1) it finds texts that have nothing in common."""

    def query(self, text: str) -> Embedding:
        """The vectors to search with: always one passage. EmbedderError when it cannot."""


@runtime_checkable
class Batching(Protocol):
    """An embedder that is asked for many texts at once, because each question costs time."""

    def embed_many(self, texts: Sequence[str], patience: float) -> list[Embedding | None]:
        """In the order of `texts`; None for one that it cannot take. EmbedderError when it can
        take none, or does not answer for `patience` seconds; with no patience it is asked once, and
        not at all shortly after it did not answer."""


def embed_all(
    embedder: Embedder, texts: Sequence[str], patience: float = 60.0
) -> list[Embedding | None]:
    """The texts' embeddings, in their order; None for a text that the model cannot take."""
    if isinstance(embedder, Batching):
        return embedder.embed_many(texts, patience)
    with ThreadPoolExecutor(2) as pool:  # the model lets go of the interpreter while it works
        return list(pool.map(embedder.embed, texts))


def default_embedder(cache: Path, *, threads: int = 1) -> Embedder:
    """MiniLM, built once into the folder `cache`; wordllama where MiniLM's files are absent.

    Never touches the network. `ModelFilesError` when neither model's files are usable.
    """
    from vault.search.models import minilm, wordllama

    if minilm.available():
        return minilm.load(cache, threads=threads)
    return wordllama.load()
