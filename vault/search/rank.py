"""From candidates of one or more collections to an ordered list of hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from vault.search.documents import EVERYTHING, Filter

if TYPE_CHECKING:
    from vault.search.embed import Embedder
    from vault.search.index import CollectionIndex, TokensOf


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` 0..1; `why` is some of "words", "meaning", "recent", "pinned"."""

    id: UUID
    score: float
    why: tuple[str, ...]


def search_all(
    indexes: Sequence[CollectionIndex],
    query: str,
    embedder: Embedder | None,
    *,
    now: datetime,
    limit: int = 10,
    filter: Filter = EVERYTHING,
    tokens_of: TokensOf | None = None,
    prefix: bool = False,
    diversity: float = 0.0,
) -> list[Hit]:
    raise NotImplementedError
