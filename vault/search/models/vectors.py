"""Numbers from outside to vectors of length 1, as an index can take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vault.search.errors import EmbedderRefused

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_DIM = 4000


def unit(values: Any, dim: int) -> NDArray[np.float16]:
    """One vector of `dim` numbers (any, for 0) scaled to length 1. EmbedderRefused for what is no
    such vector: numbers missing, too many, not finite, or all zero."""
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise EmbedderRefused("The embedding server answered with something else than numbers.")
    if not 0 < len(values) <= LARGEST_DIM:
        raise EmbedderRefused(
            f"The embedding server's vectors have {len(values):,} numbers; Satchel takes up to "
            f"{LARGEST_DIM:,}. Ask for fewer dimensions, or choose another model."
        )
    if dim and len(values) != dim:
        raise EmbedderRefused(
            f"The embedding server now answers with {len(values):,} numbers a text instead of "
            f"{dim:,}. It may run another model than the one you chose."
        )
    return scaled(np.array([_number(value) for value in values], np.float64))


def scaled(vector: NDArray[Any]) -> NDArray[np.float16]:
    """The same direction at length 1. EmbedderRefused when there is none."""
    wide = vector.astype(np.float64)
    most = np.abs(wide).max(initial=0.0)
    if not np.isfinite(most) or most == 0:
        raise EmbedderRefused("The embedding server answered with numbers that are no vector.")
    wide = wide / most  # so that squares neither overflow nor vanish
    narrow: NDArray[np.float16] = (wide / np.linalg.norm(wide)).astype(np.float16)
    return narrow


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def usual_likeness(vectors: list[NDArray[np.float16]]) -> float:
    """The mean cosine between different ones of these, at least 0 and below 1."""
    rows = np.stack(vectors).astype(np.float64)
    cosines = rows @ rows.T
    pairs = cosines[~np.eye(len(rows), dtype=bool)]
    return float(np.clip(pairs.mean(), 0.0, 0.98))
