"""Numbers from outside to vectors of length 1, as an index can take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.search.errors import EmbedderRefused

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_DIM = 4000


def unit(values: Any, dim: int) -> NDArray[np.float16]:
    """One vector of `dim` numbers (any, for 0) scaled to length 1. EmbedderRefused for what is no
    such vector: numbers missing, too many, not finite, or all zero."""
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise EmbedderRefused(
            gettext("The embedding server answered with something else than numbers.")
        )
    if not 0 < len(values) <= LARGEST_DIM:
        raise EmbedderRefused(
            gettext(
                "The embedding server's vectors have %(count)s numbers; Satchel takes up to"
                " %(most)s. Ask for fewer dimensions, or choose another model."
            )
            % {
                "count": number_format(len(values), force_grouping=True),
                "most": number_format(LARGEST_DIM, force_grouping=True),
            }
        )
    if dim and len(values) != dim:
        raise EmbedderRefused(
            gettext(
                "The embedding server now answers with %(count)s numbers a text instead of"
                " %(right)s. It may run another model than the one you chose."
            )
            % {
                "count": number_format(len(values), force_grouping=True),
                "right": number_format(dim, force_grouping=True),
            }
        )
    return scaled(np.array([_number(value) for value in values], np.float64))


def scaled(vector: NDArray[Any]) -> NDArray[np.float16]:
    """The same direction at length 1. EmbedderRefused when there is none."""
    wide = vector.astype(np.float64)
    most = np.abs(wide).max(initial=0.0)
    if not np.isfinite(most) or most == 0:
        raise EmbedderRefused(
            gettext("The embedding server answered with numbers that are no vector.")
        )
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
