"""One opened collection, searchable in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from vault.search.documents import (
    EVERYTHING,
    Candidate,
    Document,
    Filter,
    QueryText,
    indexed_text,
)

if TYPE_CHECKING:
    from vault.search.embed import Embedding

__all__ = [
    "EVERYTHING",
    "Candidate",
    "CollectionIndex",
    "Document",
    "Filter",
    "QueryText",
    "TokensOf",
    "indexed_text",
]

TokensOf = Callable[[Sequence[UUID]], Mapping[UUID, "Embedding"]]


class CollectionIndex:
    """Thread-safe. `dim` is the embedder's; an embedding of another size raises ValueError."""

    def __init__(self, dim: int, *, keep_tokens_below: int = 20_000) -> None:
        raise NotImplementedError

    def put_many(self, documents: Iterable[Document]) -> None: ...
    def put(self, document: Document) -> None: ...
    def attach(self, id: UUID, revision: int, embedding: Embedding) -> bool: ...
    def remove(self, id: UUID) -> bool: ...
    def missing(self) -> list[UUID]: ...
    def search(
        self, query: QueryText, *, limit: int, allow: Filter = EVERYTHING
    ) -> list[Candidate]: ...
    def neighbours(self, id: UUID, before: int = 1, after: int = 1) -> list[UUID]: ...
    def get(self, id: UUID) -> Document | None: ...
    def __len__(self) -> int: ...
    def __contains__(self, id: UUID) -> bool: ...
    @property
    def nbytes(self) -> int: ...
