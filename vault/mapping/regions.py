"""Regions of the map: the places where memories crowd, and which region each memory is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.mapping.layout import Places

MOST = 16
_CELLS = 40  # a side, to find where it is dense
_SETTLE = 6  # times the middles move to what is nearest to them


def wanted(count: int) -> int:
    """How many regions so many memories are cut into: what a person can take in."""
    return int(np.clip(round(0.5 * count**0.5), 1, MOST)) if count else 0


def regions(places: Places) -> tuple[NDArray[np.int64], Places]:
    """(n,) the region of each of (n, 2) places, and (r, 2) the regions' middles, the fullest first.

    Begun at the densest places, then each middle goes to the mean of what is nearest to it.
    """
    count = wanted(len(places))
    if not count:
        return np.empty(0, np.int64), np.empty((0, 2))
    middles = _dense(places, count)
    for _ in range(_SETTLE):
        mine = _closest(places, middles)
        sizes = np.bincount(mine, minlength=len(middles))
        sums = np.stack([np.bincount(mine, axis, len(middles)) for axis in places.T], axis=1)
        middles = (sums / np.maximum(sizes, 1)[:, None])[sizes > 0]
    mine = _closest(places, middles)
    order = np.argsort(-np.bincount(mine, minlength=len(middles)), kind="stable")
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    return place_of[mine], middles[order]


def _closest(places: Places, middles: Places) -> NDArray[np.int64]:
    apart = ((places[:, None] - middles[None]) ** 2).sum(axis=2)
    nearest: NDArray[np.int64] = apart.argmin(axis=1)
    return nearest


def _dense(places: Places, count: int) -> Places:
    """The middles of the densest cells that keep their distance from each other."""
    x, y = np.minimum((places * _CELLS).astype(np.int64), _CELLS - 1).T
    cells = np.bincount(x * _CELLS + y, minlength=_CELLS**2).reshape(_CELLS, _CELLS)
    smooth = _blurred(_blurred(cells.astype(np.float64)).T).T
    line = (np.arange(_CELLS) + 0.5) / _CELLS
    across = np.stack(np.meshgrid(line, line, indexing="ij"), axis=2)
    chosen: list[NDArray[np.float64]] = []
    while len(chosen) < count and smooth.max() > 0:
        middle = across[np.unravel_index(smooth.argmax(), smooth.shape)]
        chosen.append(middle)
        smooth[((across - middle) ** 2).sum(axis=2) < 0.36 / count] = 0
    return np.array(chosen)


def _blurred(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    bell = np.exp(-0.5 * (np.arange(-4, 5) / 1.6) ** 2)
    return np.stack([np.convolve(row, bell, "same") for row in cells])
