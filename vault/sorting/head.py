"""From words and meaning to scores: one linear layer, learnt by tools/sorting.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vault.sorting.words import NOTHING, Hits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.sorting.meaning import Vectors

MODEL = "all-minilm-l6-v2/int8-1"
"""The embedder that it was learnt with; another one's vectors mean nothing to it."""
SOFT = ("health", "money", "beliefs", "sexuality")
ROLES = ("work", "family", "travel", "personal")
LABELS = (*SOFT, *ROLES)
FILE = Path(__file__).with_name("head.npy")


def features(found: Mapping[str, Hits], vector: Vectors) -> NDArray[np.float32]:
    """The vector, how many strong words speak for each label, and how many weak ones for the
    sensitive ones."""
    strong = [min(len(found.get(label, NOTHING).strong), 2) for label in LABELS]
    weak = [min(found.get(label, NOTHING).weak, 2) for label in SOFT]
    return np.concatenate([vector, np.asarray([*strong, *weak, 1], np.float32)])


def scores(found: Mapping[str, Hits], vector: Vectors) -> Mapping[str, float]:
    """For each label; above 0 is rather yes than no."""
    return dict(zip(LABELS, (_weights() @ features(found, vector)).tolist(), strict=True))


@cache
def _weights() -> NDArray[np.float32]:
    weights: NDArray[np.float32] = np.load(FILE, allow_pickle=False)
    return weights
