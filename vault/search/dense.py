"""Finding by meaning: exact inner product over half-precision vectors in FAISS.

One FAISS thread a query: with more, two queries on two cores wait for each other (0.3 → 40 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_faiss: Any = faiss  # its Python layer takes other arguments than the types it shows
FEWEST_DEAD = 1_024


class Vectors:
    """Vectors of owners (small ints, one or more rows each). Not thread-safe: its owner locks."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._index: Any = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._owners = np.empty(0, np.int32)  # of each row, with room to grow; -1 when dead
        self._first = np.empty(0, np.int32)  # of each owner its first row; -1 when it has none
        self._count = np.empty(0, np.uint8)  # of each owner how many rows
        self._dead = 0

    @property
    def nbytes(self) -> int:
        sizes = (self._owners.nbytes, self._first.nbytes, self._count.nbytes)
        return int(self._index.ntotal) * 2 * self.dim + sum(sizes)

    def has(self, owners: int) -> NDArray[np.bool_]:
        """Which of the owners 0 .. `owners` have vectors."""
        found = np.zeros(owners, np.bool_)
        known = self._first[:owners]
        found[: len(known)] = known >= 0
        return found

    def add(
        self,
        owners: NDArray[np.integer[Any]],
        counts: NDArray[np.integer[Any]],
        rows: NDArray[np.float16],
    ) -> None:
        """So many rows for each owner, one after the other; owners must have none here."""
        if not len(owners):
            return
        start = self._index.ntotal
        self._index.add_sa_codes(np.ascontiguousarray(rows, np.float16).view(np.uint8))
        self._owners = _grown(self._owners, self._index.ntotal, -1)
        self._owners[start : self._index.ntotal] = np.repeat(owners.astype(np.int32), counts)
        size = int(owners.max()) + 1
        self._first, self._count = _grown(self._first, size, -1), _grown(self._count, size, 0)
        self._first[owners] = start + np.cumsum(counts) - counts
        self._count[owners] = counts

    def remove(self, owner: int) -> None:
        """Marks the rows dead; they are cleared out when they are many. Unknown owners: nothing."""
        if not self._known(owner):
            return
        first, count = int(self._first[owner]), int(self._count[owner])
        self._first[owner] = -1
        self._owners[first : first + count] = -1
        self._dead += count
        if self._dead > max(FEWEST_DEAD, self._index.ntotal // 4):
            self._compact()

    def _known(self, owner: int) -> bool:
        return owner < len(self._first) and bool(self._first[owner] >= 0)

    def _compact(self) -> None:
        owners = self._owners[: self._index.ntotal]
        dead = owners < 0
        kept_before = np.cumsum(~dead)
        self._index.remove_ids(np.flatnonzero(dead))
        here = self._first >= 0
        self._first[here] = kept_before[self._first[here]] - 1
        self._owners = owners[~dead].copy()
        self._dead = 0

    def find(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None
    ) -> list[int]:
        """The owners nearest to `query`, best first; `allowed` is indexed by owner."""
        rows = self._index.ntotal
        if not rows or limit < 1:
            return []
        faiss.omp_set_num_threads(1)  # holds for the calling thread only, so said each time
        selector = self._selector(allowed)
        parameters = _faiss.SearchParameters(sel=selector) if selector is not None else None
        wanted = limit
        while True:
            _, found = self._index.search(query[None], min(wanted, rows), params=parameters)
            hits = found[0][found[0] >= 0]
            owners = list(dict.fromkeys(self._owners[hits].tolist()))
            if len(owners) >= limit or len(hits) < wanted:
                return owners[:limit]
            wanted *= 4  # texts of many rows took the places

    def _selector(self, allowed: NDArray[np.bool_] | None) -> Any:
        owners = self._owners[: self._index.ntotal]
        if allowed is None and not self._dead:
            return None
        mask = owners >= 0
        if allowed is not None:
            mask &= allowed[owners]  # a dead row's -1 reads the last owner: masked above
        return _faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))

    def cosines(self, query: NDArray[np.float32] | None, owners: list[int]) -> list[float | None]:
        """The best cosine of each owner's rows, exactly; None for an owner without vectors."""
        if query is None:
            return [None] * len(owners)
        wanted = np.array(owners, np.intp)
        there = wanted < len(self._first)
        there[there] = self._first[wanted[there]] >= 0
        known = wanted[there]
        if not len(known):
            return [None] * len(owners)
        counts = self._count[known].astype(np.intp)
        # not `@`: BLAS would take a second thread, and wait for a busy core
        likeness = np.einsum("ij,j->i", self._rows(known), query)
        best = np.maximum.reduceat(likeness, np.cumsum(counts) - counts)
        scores = dict(zip(known.tolist(), best.tolist(), strict=True))
        return [scores.get(owner) for owner in owners]

    def first(self, owner: int) -> NDArray[np.float32] | None:
        """The vector of an owner's first passage."""
        return self._rows([owner])[0] if self._known(owner) else None

    def firsts(self, owners: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """The vectors of the first passages of these owners, all of which have some."""
        return self._read(self._first[owners])

    def _rows(self, owners: Sequence[int] | NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        counts = self._count[owners].astype(np.int64)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._read(np.repeat(self._first[owners], counts) + within)

    def _read(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        if not len(rows):
            return np.empty((0, self.dim), np.float32)
        # a view of FAISS's own memory, taken anew each time because it moves as it grows
        size = self._index.ntotal * self._index.code_size
        codes = faiss.rev_swig_ptr(self._index.codes.data(), size).view(np.float16)
        picked: NDArray[np.float32] = codes.reshape(-1, self.dim)[rows].astype(np.float32)
        return picked


def _grown(array: NDArray[Any], size: int, value: int) -> NDArray[Any]:
    if size <= len(array):
        return array
    room = np.full(max(size, len(array) * 3 // 2), value, array.dtype)
    room[: len(array)] = array
    return room
