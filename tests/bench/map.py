"""How true and how fast the map is. From the project's folder: `python -m tests.bench.map`.

Trustworthiness@15 says how much the nearest points in the picture are the nearest in meaning: 1 is
all of them, .5 is chance; beside it that of plain PCA. Made-up memories have 800 topics, too many
for a plane; sentences (those that sorting learns from) are more like a vault.
"""

import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.bench.corpus import Corpus
from vault.mapping.frames import frame_of
from vault.mapping.layout import apart, lay_out
from vault.mapping.picture import DRAWN
from vault.mapping.regions import regions
from vault.search.models import minilm

NEAREST, ASKED = 15, 1_000
SENTENCES = Path(minilm.__file__).parents[2] / "sorting" / "sentences.toml"


def main() -> None:
    with TemporaryDirectory() as cache:
        model = minilm.load(Path(cache))
    listed = tomllib.loads(SENTENCES.read_text()).values()
    texts = [text for some in listed for text in some]
    sentences = np.stack([model.embed(text).passages[0] for text in texts]).astype(np.float32)
    report("sentences", model.model, sentences)
    report("sentences, any other model's frame", "endpoint/other", sentences)
    made = [one.embedding.passages[0] for one in Corpus(model).make(100_000)]
    rows = np.stack(made).astype(np.float32)
    for count in (1_000, 10_000, 100_000):
        report("made up", model.model, rows[:count])


def report(name: str, model: str, rows: Any) -> None:
    dice = np.random.default_rng(1)
    ids = dice.integers(0, 256, (len(rows), 16), dtype=np.uint8)
    began = time.perf_counter()
    places, _ = lay_out(ids, rows, frame_of(model, rows.shape[1]))
    shown = apart(places, ids)
    regions(shown)
    spent = time.perf_counter() - began
    line = f"{name} {len(rows):,}: {spent:.2f} s"
    if len(rows) <= 2 * DRAWN:
        line += f", trustworthiness {trust(rows, shown):.3f}, PCA {trust(rows, pca(rows)):.3f}"
        line += f"; one memory less moves the others by {moved(ids, rows, places, model)}"
    print(line)


def moved(ids: Any, rows: Any, places: Any, model: str) -> str:
    less, _ = lay_out(ids[1:], rows[1:], frame_of(model, rows.shape[1]))
    far = np.sqrt(((less - places[1:]) ** 2).sum(axis=1))
    return f"{far.mean():.4f} on average, {np.quantile(far, 0.99):.4f} for 99 % (of the width)"


def pca(rows: Any) -> Any:
    around = rows - rows.mean(axis=0)
    return around @ np.linalg.eigh(around.T @ around)[1][:, -2:]


def trust(rows: Any, places: Any) -> float:
    """Venna and Kaski's measure, over a sample of memories."""
    count, lost = len(rows), 0
    asked = np.random.default_rng(0).choice(count, min(ASKED, count), replace=False)
    for one in asked:
        alike = rows @ rows[one]
        alike[one] = np.inf
        rank = np.empty(count, np.int64)
        rank[np.argsort(-alike)] = np.arange(count)
        far = ((places - places[one]) ** 2).sum(axis=1)
        far[one] = np.inf
        lost += np.maximum(rank[np.argpartition(far, NEAREST)[:NEAREST]] - NEAREST, 0).sum()
    return 1 - 2 * lost / (len(asked) * NEAREST * (2 * count - 3 * NEAREST - 1))


if __name__ == "__main__":
    main()
