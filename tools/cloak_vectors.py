"""Known answers of the keyed rotation, for `tools.vectors`."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vault.crypto.cloak import Cloak
from vault.crypto.keys import Key

KEYS = (bytes(range(32)), bytes(32))
CASES = ((0, "one", 1), (0, "a model", 3), (0, "a model", 64), (1, "a model", 64))
LARGE = ((0, "modèle:2", 100), (0, "minilm", 384), (0, "large", 768), (1, "huge", 3072))


def halves(name: str, rows: int, dim: int) -> NDArray[np.float16]:
    """Numbers between -1 and 1 in steps of 1/128: exact in half precision."""
    data = hashlib.shake_256(b"satchel cloak " + name.encode()).digest(rows * dim)
    return (np.frombuffer(data, np.int8).reshape(rows, dim) / 128).astype(np.float16)


def cloaks() -> dict[str, Any]:
    """Turned vectors: whole where they are short, else the SHA-256 of their bytes."""
    return {
        "keys": [key.hex() for key in KEYS],
        "valid": [answer(*case, whole=True) for case in CASES]
        + [answer(*case, whole=False) for case in LARGE],
    }


def answer(key: int, model: str, dim: int, *, whole: bool) -> dict[str, Any]:
    vectors = halves(f"{model} {dim}", 3, dim)
    turned = Cloak(Key(KEYS[key]), model, dim).turn(vectors)
    data = turned.astype("<f2").tobytes()
    told = data.hex() if whole else hashlib.sha256(data).hexdigest()
    return {
        "key": key,
        "model": model,
        "dim": dim,
        "size": turned.shape[1],
        "whole": whole,
        "turned": told,
    }
