"""A drawn map: where each memory is, the regions, and which points are shown of very many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from vault.mapping.layout import apart, shuffled
from vault.mapping.regions import regions
from vault.mapping.typical import typical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.mapping.gathering import Gathered
    from vault.mapping.layout import Places

DRAWN = 5_000
"""Points that are drawn at most; of more, some of each part of the picture."""
_CELLS = 48  # a side


@dataclass(frozen=True, slots=True)
class Region:
    """A crowded part, with up to three of its memories' own words, and its middle (0..1)."""

    words: tuple[str, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Memories as columns in one order: ids (n, 16), places (n, 2) in 0..1, and by their numbers
    the region, collection and source of each."""

    ids: NDArray[np.uint8]
    places: Places
    parts: NDArray[np.int64]
    homes: NDArray[np.int64]
    sources: NDArray[np.int64]
    regions: tuple[Region, ...]
    collections: tuple[UUID, ...]
    vendors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, gathered: Gathered, places: Places) -> Picture:
        places = apart(places, gathered.ids)
        parts, middles = regions(places)
        rows = list(gathered.texts)
        words = typical([gathered.texts[row] for row in rows], parts[rows].tolist(), len(middles))
        found = (Region(some, *map(float, at)) for some, at in zip(words, middles, strict=True))
        return cls(
            gathered.ids,
            places,
            parts,
            gathered.homes,
            gathered.sources,
            tuple(found),
            gathered.collections,
            gathered.vendors,
        )

    def fitting(self, vendor: str = "", collection: UUID | None = None) -> NDArray[np.bool_]:
        """Which rows are of this source and collection; "" and None mean any."""
        fits = np.ones(len(self), np.bool_)
        if vendor:
            fits &= self.sources == (self.vendors.index(vendor) if vendor in self.vendors else -1)
        if collection is not None:
            there = collection in self.collections
            fits &= self.homes == (self.collections.index(collection) if there else -1)
        return fits

    def counted(self, fits: NDArray[np.bool_]) -> list[int]:
        """How many of these rows each region has."""
        counts: list[int] = np.bincount(self.parts[fits], minlength=len(self.regions)).tolist()
        return counts

    def by_source(self, fits: NDArray[np.bool_]) -> dict[str, int]:
        counts = np.bincount(self.sources[fits], minlength=len(self.vendors)).tolist()
        return dict(zip(self.vendors, counts, strict=True))

    def memory_ids(self, rows: NDArray[np.int64]) -> list[UUID]:
        return [UUID(bytes=self.ids[row].tobytes()) for row in rows]

    def of_region(self, number: int, fits: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Its rows, those next to its middle first."""
        rows = np.flatnonzero(fits & (self.parts == number))
        region = self.regions[number]
        far = ((self.places[rows] - (region.x, region.y)) ** 2).sum(axis=1)
        nearest: NDArray[np.int64] = rows[np.argsort(far, kind="stable")]
        return nearest

    def drawn(self, fits: NDArray[np.bool_], most: int = DRAWN) -> NDArray[np.int64]:
        """The rows to draw: all, or of each cell of the picture its share, and one at least.

        Which of them follows from their ids, so it is the same the next time.
        """
        rows = np.flatnonzero(fits)
        if len(rows) <= most:
            return rows
        x, y = np.minimum((self.places[rows] * _CELLS).astype(np.int64), _CELLS - 1).T
        cells, numbers = x * _CELLS + y, shuffled(self.ids[rows])
        order = np.lexsort((numbers, cells))
        sizes = np.bincount(cells, minlength=_CELLS**2)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        share = np.maximum(1, sizes * (most - np.count_nonzero(sizes)) // len(rows))
        chosen: NDArray[np.int64] = np.sort(rows[order[place < share[cells[order]]]])
        return chosen
