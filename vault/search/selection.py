"""Which of the ranked candidates to show: the same thing once, and, if wanted, a variety."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vault.search.duplicates import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vault.search.pool import Pool, Scores

WIDER = 3  # times `limit` candidates to choose a variety from


def select(pool: Pool, scores: Scores, limit: int, diversity: float) -> list[int]:
    """The places of the chosen candidates, in the order to show them."""
    order = np.argsort(-scores, kind="stable").tolist()
    wanted = limit * WIDER if diversity > 0 else limit
    vector_of = pool.vectors()
    distinct = _distinct(pool, order, wanted, vector_of)
    if diversity <= 0 or len(distinct) < 2:
        return distinct[:limit]
    rows = _matrix([vector_of(place) for place in distinct])
    picked = _varied(scores[distinct], rows, limit, diversity)
    return [distinct[place] for place in picked]


def _distinct(
    pool: Pool,
    order: list[int],
    wanted: int,
    vector_of: Callable[[int], NDArray[np.float32] | None],
) -> list[int]:
    chosen: list[int] = []
    shown = Shown()
    for place in order:
        if shown.adds(pool.candidates[place].document, partial(vector_of, place)):
            chosen.append(place)
            if len(chosen) == wanted:
                break
    return chosen


def _matrix(vectors: list[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """One row each; zeros, which are like nothing, where a vector is missing."""
    size = next((len(vector) for vector in vectors if vector is not None), 1)
    return np.stack([np.zeros(size, np.float32) if v is None else v for v in vectors])


def _varied(scores: Scores, rows: NDArray[np.float32], limit: int, diversity: float) -> list[int]:
    """Maximal marginal relevance: each next is good, and unlike those already picked."""
    picked: list[int] = []
    nearest = np.zeros(len(scores))
    while len(picked) < min(limit, len(scores)):
        worth = (1 - diversity) * scores - diversity * nearest
        worth[picked] = -np.inf
        place = int(worth.argmax())
        picked.append(place)
        nearest = np.maximum(nearest, np.einsum("ij,j->i", rows, rows[place]))
    return picked
