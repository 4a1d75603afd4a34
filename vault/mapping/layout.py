"""From vectors to places in a picture: neighbours in meaning become neighbours on the plane.

t-SNE and UMAP draw finer pictures, but every new memory makes them a new one, and both would bring
SciPy, scikit-learn and Numba along. Principal components alone move little, yet turn and flip when
two of them are equally strong, and blur what is near. So:

1. Every memory starts where a fixed frame of its model puts it: two directions that are the same
   for every vault. Nothing turns or flips, ever.
2. It is drawn towards its 15 nearest neighbours in meaning, again and again, held by where it
   began: a low-pass filter over the graph of neighbours.
3. Both coordinates are spread evenly over the picture, by how many lie below, the second after
   taking off what it shares with the first; and from there it is repeated four times.

Each step is a mean or a rank, so one memory more can move the others by little; there is no chance
in it, and no order. Measured by tests/bench/map.py.
Beyond `LANDMARKS` memories, those whose ids come first when shuffled are laid out like this; each
other one goes to the mean of its nearest landmarks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.mapping.frames import Frame

    Rows = NDArray[np.float32]
    Places = NDArray[np.float64]

_faiss: Any = faiss  # its Python layer takes other arguments than the types it shows
LANDMARKS = 8_000
NEIGHBOURS, AROUND = 15, 6  # that draw a landmark; that place another memory
ROUNDS, STEPS, DRAWN = 4, 10, 0.9
HELD = 0.2  # of where the frame put a memory, in the place that holds it
CLOSER = 4  # the power of the cosine that a neighbour draws with
CHUNK = 2_048  # vectors compared at a time, between two reports
LEAST = 1e-6  # what is closer than this to all others is the same place
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """`landmarks` (m, dim) with their `places` (m, 2) in 0..1, to put others beside them."""

    landmarks: NDArray[np.float16]
    places: Places

    def beside(self, vectors: Rows, tell: Tell = lambda share: None) -> Places:
        """(n, 2): where memories go that were not laid out themselves."""
        if not len(self.places) or not len(vectors):
            return np.full((len(vectors), 2), 0.5)
        cosines, near = _nearest(vectors, self.landmarks.astype(np.float32), AROUND, tell)
        weights = _drawing(cosines, sharper=3)
        places: Places = (weights[:, :, None] * self.places[near]).sum(axis=1)
        return places


def shuffled(ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """A number for each (n, 16) id that tells nothing of when it was made, always the same."""
    tail = np.ascontiguousarray(ids[:, 8:]).view(np.uint64)[:, 0]
    mixed = (tail ^ (tail >> np.uint64(29))) * _GOLDEN
    return mixed ^ (mixed >> np.uint64(32))


def lay_out(
    ids: NDArray[np.uint8], vectors: Rows, frame: Frame, tell: Tell = lambda share: None
) -> tuple[Places, Layout]:
    """(n, 2) places in 0..1 for (n, 16) ids and (n, dim) vectors, in any order.

    `tell` hears how much is done, 0..1.
    """
    numbers = shuffled(ids)
    order = np.argsort(numbers, kind="stable")
    chosen, others = order[:LANDMARKS], order[LANDMARKS:]
    share = len(chosen) / max(len(order), 1)
    marks = np.ascontiguousarray(vectors[chosen], np.float32)
    layout = Layout(marks.astype(np.float16), _settled(marks, frame, lambda s: tell(s * share)))
    places = np.empty((len(ids), 2))
    places[chosen] = layout.places
    places[others] = layout.beside(vectors[others], lambda s: tell(share + s * (1 - share)))
    return places, layout


def apart(places: Places, ids: NDArray[np.uint8]) -> Places:
    """The same, each a little aside in a direction of its own, so that equals do not hide."""
    numbers = shuffled(ids)
    turn = (numbers & np.uint64(0xFFFF)).astype(np.float64) * (2 * np.pi / 65_536)
    far = ((numbers >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.float64) / 65_536
    reach = min(0.012, 0.25 / np.sqrt(max(len(ids), 1))) * np.sqrt(far)
    moved = places + np.stack([np.cos(turn), np.sin(turn)], axis=1) * reach[:, None]
    inside: Places = np.clip(moved, 0.0, 1.0)
    return inside


def _settled(vectors: Rows, frame: Frame, tell: Tell) -> Places:
    along = np.einsum("ij,aj->ia", vectors - frame[0], frame[1:]).astype(np.float64)
    here = start = _even(np.nan_to_num(along))
    if len(here) < 3:
        return here
    near, weights = _neighbours(vectors, tell)
    alone = 1 - weights.sum(axis=1)[:, None]
    for _ in range(ROUNDS):
        begun = (1 - HELD) * here + HELD * start
        for _ in range(STEPS):
            drawn = (weights[:, :, None] * here[near]).sum(axis=1) + alone * here
            here = (1 - DRAWN) * begun + DRAWN * drawn
        here = _even(here)
    return here


def _neighbours(vectors: Rows, tell: Tell) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n, k) rows that draw each, and how much: together 1, or 0 for one that is like no other."""
    reach = min(float(NEIGHBOURS), 2 + len(vectors) / 24)  # grows with the vault, not in jumps
    count = min(NEIGHBOURS, len(vectors) - 1)
    cosines, near = _nearest(vectors, vectors, count + 1, tell)
    weights = _drawing(cosines) * np.clip(reach - np.arange(count + 1) + 1, 0, 1)
    weights[near == np.arange(len(vectors))[:, None]] = 0  # nobody draws itself
    total = weights.sum(axis=1, keepdims=True)
    return near, np.divide(weights, total, out=np.zeros_like(weights), where=total > LEAST)


def _nearest(
    vectors: Rows, among: Rows, count: int, tell: Tell
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(n, count) cosines and rows of the nearest, the best first."""
    faiss.omp_set_num_threads(1)  # holds for the calling thread only; the other core answers pages
    index: Any = faiss.IndexFlatIP(among.shape[1])
    index.add(np.ascontiguousarray(among))
    count, found = min(count, len(among)), []
    for start in range(0, len(vectors), CHUNK):
        rows = np.ascontiguousarray(vectors[start : start + CHUNK], np.float32)
        found.append(index.search(rows, count))
        tell(min(1.0, (start + CHUNK) / len(vectors)))
    cosines = np.concatenate([one for one, _ in found]).astype(np.float64)
    return cosines, np.concatenate([two for _, two in found])


def _drawing(cosines: NDArray[np.float64], sharper: int = 1) -> NDArray[np.float64]:
    """How much each neighbour draws; of rows of `beside` all together 1."""
    pull: NDArray[np.float64] = np.clip(np.nan_to_num(cosines), 0, 1) ** (CLOSER * sharper)
    if sharper == 1:
        return pull
    pull += LEAST
    shares: NDArray[np.float64] = pull / pull.sum(axis=1, keepdims=True)
    return shares


def _even(places: Places) -> Places:
    """Both coordinates spread, the second by what the first does not tell of it already: else both
    come to follow whatever the memories differ in most, and lie along a diagonal."""
    across = _spread(places[:, 0])
    aside, down = across - 0.5, _spread(places[:, 1]) - 0.5
    slope = float(aside @ down) / (float(aside @ aside) + LEAST)
    return np.stack([across, _spread(down - slope * aside)], axis=1)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """0..1 by how many lie below, counted softly: what differs by next to nothing stays together.

    A value more moves the others by at most 1 / (n + 1), where the width it is counted with stays.
    """
    width = 0.2 * float(values.std()) if len(values) else 0.0
    if width < LEAST:
        return np.full(len(values), 0.5)
    ordered = np.sort(values)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    low = np.searchsorted(ordered, values - width / 2)
    high = np.searchsorted(ordered, values + width / 2)
    between = (high - low) * (values / width + 0.5) - (sums[high] - sums[low]) / width
    spread: NDArray[np.float64] = np.clip((low + between) / len(values), 0.0, 1.0)
    return spread
