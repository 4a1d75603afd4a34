"""Writes vault/mapping/frames.npz: where the map of memories has its east and north.

    python tools/mapframes.py

For each bundled model the mean and the two directions in which the sentences of
vault/sorting/sentences.toml differ most: they are of everyday matters, as most vaults are.
"""

import sys
import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from vault.search.embed import Embedder  # noqa: E402
from vault.search.models import minilm, wordllama  # noqa: E402


def frame(model: Embedder, sentences: list[str]) -> NDArray[np.float32]:
    """(3, dim): the mean, then two directions of length 1."""
    rows = np.stack([model.embed(text).passages[0] for text in sentences]).astype(np.float64)
    mean = rows.mean(axis=0)
    _, directions = np.linalg.eigh((rows - mean).T @ (rows - mean))
    axes = directions[:, -2:].T
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    return np.vstack([mean, axes]).astype(np.float32)


def main() -> None:
    lists = tomllib.loads((ROOT / "vault" / "sorting" / "sentences.toml").read_text())
    sentences = [text for texts in lists.values() for text in texts]
    models: list[Embedder] = [minilm.load(ROOT), wordllama.load()]
    found = {model.model.replace("/", "|"): frame(model, sentences) for model in models}
    np.savez(ROOT / "vault" / "mapping" / "frames.npz", allow_pickle=False, **found)


if __name__ == "__main__":
    main()
