"""Which of the ranked candidates to show: the same thing once, and, if wanted, a variety."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from vault.search.duplicates import Gist

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.search.pool import Pool, Scores

WIDER = 3  # times `limit` candidates to choose a variety from


def select(pool: Pool, scores: Scores, limit: int, diversity: float) -> list[int]:
    """The places of the chosen candidates, in the order to show them."""
    order = np.argsort(-scores, kind="stable").tolist()
    wanted = limit * WIDER if diversity > 0 else limit
    distinct, vectors = _distinct(pool, order, wanted)
    if diversity <= 0 or len(distinct) < 2:
        return distinct[:limit]
    picked = _varied(scores[distinct], _matrix(vectors), limit, diversity)
    return [distinct[place] for place in picked]


def _distinct(
    pool: Pool, order: list[int], wanted: int
) -> tuple[list[int], list[NDArray[np.float32] | None]]:
    chosen: list[int] = []
    vectors: list[NDArray[np.float32] | None] = []
    alike: defaultdict[object, list[tuple[Gist, NDArray[np.float32] | None]]] = defaultdict(list)
    for place in order:
        document = pool.candidates[place].document
        gist, vector = Gist.of(document), pool.homes[place].vector(document.id)
        rivals = (rival for handle in gist.handles for rival in alike[handle])
        if any(gist.same(other, vector, theirs) for other, theirs in rivals):
            continue
        chosen.append(place)
        vectors.append(vector)
        for handle in gist.handles:
            alike[handle].append((gist, vector))
        if len(chosen) == wanted:
            break
    return chosen, vectors


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
