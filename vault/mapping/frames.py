"""Where a model's map has its east and north: the same for every vault, so that none ever turns."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.float32]
_FILE = Path(__file__).with_suffix(".npz")
_SEED = 20_261  # of the directions for models that nobody measured


@lru_cache(maxsize=64)
def frame_of(model: str, dim: int) -> Frame:
    """(3, dim): a mean, and two directions.

    Of the bundled models these were measured (tools/mapframes.py). Any other gets two directions
    drawn once and for all: its neighbours pull each other together all the same.
    """
    with np.load(_FILE) as measured:
        name = model.replace("/", "|")
        if name in measured and measured[name].shape[1] == dim:
            return np.asarray(measured[name], np.float32)
    drawn: NDArray[Any] = np.random.default_rng([_SEED, dim]).normal(size=(2, dim))
    drawn /= np.sqrt((drawn * drawn).sum(axis=1, keepdims=True))
    return np.vstack([np.zeros((1, dim)), drawn]).astype(np.float32)
