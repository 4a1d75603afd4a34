"""A text's place among others by meaning, with the model on this server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from vault.search.embed import Embedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_MOST_CHARACTERS = 600


class Meaning:
    """Thread-safe. `embedder` is the one of `head.MODEL`."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def of(self, text: str) -> Vectors:
        """One vector of length 1 for the beginning of a text."""
        (vector,) = self._embedder.query(text[:_MOST_CHARACTERS]).passages.astype(np.float32)
        return np.asarray(vector)

    def all_of(self, texts: Iterable[str]) -> Vectors:
        return np.stack([self.of(text) for text in texts])


def nearness(those: Vectors, vector: Vectors, nearest: int) -> float:
    """The mean cosine to the nearest of `those`: -1..1."""
    cosines = those @ vector
    if len(cosines) > nearest:
        cosines = np.partition(cosines, -nearest)[-nearest:]
    return float(cosines.mean())
