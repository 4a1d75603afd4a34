"""Turning vectors by a secret rotation, so that pgvector compares what it cannot read.

Obfuscation, not encryption: angles stay, and whoever knows some twenty of the texts can undo most
of it. Only choices of places and signs are random, and only additions are done, in a fixed order:
the same key gives the same bits on every machine.
"""

import math

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from numpy.typing import NDArray

from vault.crypto.keys import Key

ROUNDS = 3
BLOCK = 64  # a size is a multiple of it: a Hadamard transform needs a power of two to mix
LONGEST = 16_000  # pgvector's limit

Halves = NDArray[np.float16]
Floats = NDArray[np.float32]


def turned_size(dim: int) -> int:
    """How many numbers a turned vector has: `dim`, up to the next multiple of 64."""
    if not 0 < dim <= LONGEST:
        raise ValueError("A vector has between 1 and 16,000 numbers.")
    return -(-dim // BLOCK) * BLOCK


class Cloak:
    """The rotation of one key, for vectors of one model with `dim` numbers each. Thread-safe."""

    def __init__(self, key: Key, model: str, dim: int) -> None:
        self.dim = dim
        self.size = turned_size(dim)
        self._block = self.size & -self.size  # the largest power of two that divides it
        self._rounds = self._choices(
            key.derive("turn", self.size.to_bytes(4, "big") + model.encode())
        )

    def turn(self, vectors: NDArray[np.floating]) -> Halves:
        """(n, dim) to (n, size): lengths and angles stay, but for rounding to half precision."""
        self._check(vectors, self.dim)
        wide = np.zeros((self.size, len(vectors)), np.float32)
        wide[: self.dim] = vectors.T
        for places, signs in self._rounds:
            wide = wide[places] * signs
            self._mix(wide)
        return np.ascontiguousarray((wide * self._scale).T).astype(np.float16)

    def turn_back(self, turned: NDArray[np.floating]) -> Floats:
        """(n, size) to (n, dim): what was turned, but for rounding."""
        self._check(turned, self.size)
        wide = np.array(turned.T, np.float32, order="C")
        for places, signs in reversed(self._rounds):
            self._mix(wide)
            back = np.empty_like(wide)
            back[places] = wide * signs
            wide = back
        return np.ascontiguousarray((wide[: self.dim] * self._scale).T)

    @property
    def _scale(self) -> np.float32:
        # a root and a quotient round the same way everywhere; a power may not
        return np.float32(1 / (self._block * math.sqrt(self._block)))

    def _choices(self, key: Key) -> list[tuple[NDArray[np.intp], Floats]]:
        """For each round where each number comes from, and whether its sign changes."""
        stream = Cipher(ChaCha20(key.raw, bytes(16)), None).encryptor()
        rounds = []
        for _ in range(ROUNDS):
            order = np.frombuffer(stream.update(bytes(8 * self.size)), "<u8")
            bits = np.frombuffer(stream.update(bytes(self.size // 8)), np.uint8)
            signs = 1 - 2 * np.unpackbits(bits, bitorder="little").astype(np.float32)
            rounds.append((np.argsort(order, kind="stable"), signs[:, None]))
        return rounds

    def _mix(self, wide: Floats) -> None:
        """The Walsh-Hadamard transform of each block, in place, not scaled."""
        half = 1
        while half < self._block:
            pairs = wide.reshape(-1, 2, half, wide.shape[1])
            first, second = pairs[:, 0].copy(), pairs[:, 1]
            pairs[:, 0] += second
            np.subtract(first, second, out=second)
            half *= 2

    @staticmethod
    def _check(vectors: NDArray[np.floating], width: int) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != width:
            raise ValueError(f"These vectors do not have {width} numbers each.")
        if not np.isfinite(vectors).all():
            raise ValueError("A vector holds something that is not a number.")
