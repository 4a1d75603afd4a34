"""Learns vault/sorting/head.npy: `python tools/sorting.py` from the project's folder.

Ridge logistic regression, one label against the rest, over what `head.features` tells of a text.
It learns from sentences.toml, the development half of the labelled set and the second set. Each
text comes twice, once with its words hidden, so that meaning counts where a word is not in a list.
"""

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

_RIDGE, _RIDGE_WORDS = 3e-4, 1e-3
_POSITIVE, _EXAMPLE, _HIDDEN = 2.0, 2.0, 0.5
"""Weights of sensitive texts, of labelled examples, of texts whose words are hidden."""


def main() -> None:
    import django

    django.setup()
    from vault.sorting.head import FILE, LABELS

    texts, labels, weights = _material()
    rows = _features(texts)
    hidden = rows.copy()
    hidden[:, 384:-1] = 0
    head = [
        _learn(
            label,
            np.vstack([rows, hidden]),
            labels * 2,
            [*weights, *(w * _HIDDEN for w in weights)],
        )
        for label in LABELS
    ]
    np.save(FILE, np.asarray(head, np.float32))


def _material() -> tuple[list[str], list[set[str]], list[float]]:
    from tests import labelled

    texts, labels, weights = [], [], []
    with (ROOT / "vault" / "sorting" / "sentences.toml").open("rb") as file:
        for label, sentences in tomllib.load(file).items():
            texts += sentences
            labels += [{"personal" if label == "everyday" else label}] * len(sentences)
            weights += [1.0] * len(sentences)
    later = (*labelled.examples("sorting-second.jsonl"), *labelled.examples("sorting-third.jsonl"))
    for one in (*labelled.half(held_out=False), *later):
        texts.append(f"{one.title}. {one.text}" if one.title else one.text)
        labels.append(set(one.kinds) or {one.collection.lower()})
        weights.append(_EXAMPLE)
    return texts, labels, weights


def _features(texts: list[str]) -> Any:
    from vault.sorters import model
    from vault.sorting.head import features
    from vault.sorting.lexicon import words_of
    from vault.sorting.words import hits

    meaning = model()
    if meaning is None:
        raise SystemExit("The files of the bundled model are missing.")
    return np.stack([features(hits(words_of(t)), meaning.of(t)) for t in texts])


def _learn(label: str, rows: Any, labels: list[set[str]], weights: list[float]) -> Any:
    from vault.sorting.head import ROLES, SOFT

    # Where something belongs is asked of what is not sensitive only.
    asked = [label in SOFT or bool(one & set(ROLES)) for one in labels]
    x = rows[asked].astype(np.float64)
    y = np.array(
        [label in one for one, is_asked in zip(labels, asked, strict=True) if is_asked], float
    )
    w = np.array(weights)[asked] * np.where((y == 1) & (label in SOFT), _POSITIVE, 1.0)
    ridge = np.full(x.shape[1], _RIDGE_WORDS * w.sum())
    ridge[:384], ridge[-1] = _RIDGE * w.sum(), 1e-6
    found = np.zeros(x.shape[1])
    for _ in range(15):  # Newton's steps
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ ((p - y) * w) + ridge * found
        curve = (x * (np.clip(p * (1 - p), 1e-4, None) * w)[:, None]).T @ x + np.diag(ridge)
        found -= np.linalg.solve(curve, slope)
    return found


if __name__ == "__main__":
    main()
