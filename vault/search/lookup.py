"""From a memory's id to its small number, for very many ids in little memory."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

RECENT = 4_096  # ids found through a dictionary before they are sorted in with the others
BYTES = 16


def packed(ids: list[UUID]) -> NDArray[np.uint8]:
    """(n, 16): the ids as their bytes."""
    return np.frombuffer(b"".join(id.bytes for id in ids), np.uint8).reshape(-1, BYTES)


class Lookup:
    """Ids under keys that count up from 0. An id may come again under a later key, which then
    counts. 30 bytes an id instead of the 250 of a dictionary. Not thread-safe."""

    def __init__(self) -> None:
        self._ids = np.empty((0, BYTES), np.uint8)  # by key, with room to grow
        self._size = 0
        self._sorted = np.empty(0, np.uint64)  # the random end of each id, in order
        self._keys = np.empty(0, np.int32)  # the keys in that order
        self._recent: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        sizes = (self._ids.nbytes, self._sorted.nbytes, self._keys.nbytes)
        return sum(sizes) + 150 * len(self._recent)

    def add(self, ids: NDArray[np.uint8]) -> None:
        """Under the next keys, in order."""
        start, self._size = self._size, self._size + len(ids)
        if self._size > len(self._ids):
            room = np.empty((max(self._size, len(self._ids) * 3 // 2), BYTES), np.uint8)
            room[:start] = self._ids[:start]
            self._ids = room
        self._ids[start : self._size] = ids
        if len(ids) > RECENT:
            self._sort()
            return
        for key in range(start, self._size):
            self._recent[self._ids[key].tobytes()] = key
        if len(self._recent) > max(RECENT, len(self._sorted) // 16):
            self._sort()

    def id(self, key: int) -> UUID:
        return UUID(bytes=self._ids[key].tobytes())

    def ids(self) -> NDArray[np.uint8]:
        """(n, 16), by key."""
        return self._ids[: self._size]

    def key(self, id: UUID) -> int | None:
        """The latest key of this id."""
        data = id.bytes
        recent = self._recent.get(data)
        if recent is not None:
            return recent
        tail = np.frombuffer(data, np.uint64, 1, 8)[0]
        last = int(self._sorted.searchsorted(tail, "right")) - 1
        while last >= 0 and self._sorted[last] == tail:
            key = int(self._keys[last])
            if self._ids[key].tobytes() == data:
                return key
            last -= 1  # two ids with one end are as good as impossible, but not quite
        return None

    def keys(self, ids: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The latest key of each of these ids; -1 for one that is not here."""
        found = np.full(len(ids), -1, np.int64)
        tails = ends(ids)
        last = np.searchsorted(self._sorted, tails, "right") - 1
        open_ = np.flatnonzero(last >= 0)
        while len(open_):
            open_ = open_[self._sorted[last[open_]] == tails[open_]]
            keys = self._keys[last[open_]]
            same = (self._ids[keys] == ids[open_]).all(axis=1)
            found[open_[same]] = keys[same]
            open_ = open_[~same]
            last[open_] -= 1
            open_ = open_[last[open_] >= 0]
        if self._recent:
            for place, id in enumerate(map(bytes, np.ascontiguousarray(ids))):
                found[place] = self._recent.get(id, found[place])
        return found

    def _sort(self) -> None:
        tails = ends(self.ids())
        order = np.argsort(tails, kind="stable")  # of equal ones the latest key is last
        self._sorted, self._keys = tails[order], order.astype(np.int32)
        self._recent.clear()


@dataclass(frozen=True, slots=True, eq=False)
class InOrder:
    """Ids, cut in two, in the order of their ends: sorted once, looked for in many collections."""

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]


def in_order(ids: bytes) -> InOrder:
    """Ids, 16 bytes each, as `among` looks for them."""
    halves = np.frombuffer(ids, np.uint64).reshape(-1, 2)
    starts, tails = np.ascontiguousarray(halves[halves[:, 1].argsort()].T)
    return InOrder(starts, tails)


def among(ids: NDArray[np.uint8], wanted: InOrder) -> NDArray[np.bool_]:
    """Which of these ids are among the wanted."""
    if not len(wanted.ends):
        return np.zeros(len(ids), np.bool_)
    starts, tails = np.ascontiguousarray(ids).view(np.uint64).T
    places = np.searchsorted(wanted.ends, tails).clip(max=len(wanted.ends) - 1)
    same: NDArray[np.bool_] = (wanted.ends[places] == tails) & (wanted.starts[places] == starts)
    return same


def ends(ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The random end of each id."""
    tails: NDArray[np.uint64] = np.ascontiguousarray(ids[:, 8:]).view(np.uint64)[:, 0]
    return tails
