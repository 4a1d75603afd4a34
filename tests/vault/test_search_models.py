"""Ranking over collections whose vectors are of different models."""

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest

from vault.search.documents import Document, Filter
from vault.search.embed import Embedding
from vault.search.index import CollectionIndex
from vault.search.pool import Asked, Pool
from vault.search.rank import search_each

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Texts = dict[str, list[float]]


def unit(numbers: list[float]) -> Embedding:
    vector = np.array([numbers], np.float64)
    return Embedding((vector / np.linalg.norm(vector)).astype(np.float16))


def asked(model: str, question: list[float] | None, unlike: float, texts: Texts) -> Asked:
    index = CollectionIndex(len(next(iter(texts.values()))))
    for text, numbers in texts.items():
        index.put(Document(uuid4(), text, embedding=unit(numbers)))
    return Asked(index, unit(question) if question else None, model, unlike)


def found(homes: list[Asked], query: str, **options: float) -> list[str]:
    hits = search_each(homes, query, now=NOW, limit=10, **options)  # type: ignore[arg-type]
    documents = [home.index.get(hit.id) for hit in hits for home in homes if hit.id in home.index]
    return [document.text for document in documents if document]


PLAIN = asked("plain", [1, 0, 0], 0.0, {"near of plain": [0.9, 0.4, 0], "far of plain": [0, 1, 0]})
NARROW = asked(
    "narrow", [1, 0.1, 3, 0], 0.9, {"near of narrow": [1, 0, 3, 0], "far of narrow": [0, 1, 3, 0]}
)


def test_likeness_is_on_one_scale_whatever_a_model_finds_alike() -> None:
    cosines = {
        candidate.document.text: candidate.meaning
        for home in (PLAIN, NARROW)
        for candidate in home.search("zzz", 10, Filter(), prefix=False)
    }
    assert cosines["far of plain"] == pytest.approx(0, abs=0.01)
    assert cosines["far of narrow"] == pytest.approx(0, abs=0.2)
    assert min(cosines["near of plain"] or 0, cosines["near of narrow"] or 0) > 0.8


@pytest.mark.parametrize("diversity", [0.0, 0.3])
def test_the_near_ones_of_both_come_first_and_strangers_do_not_come(diversity: float) -> None:
    texts = found([PLAIN, NARROW], "zzz", diversity=diversity)
    assert set(texts) == {"near of plain", "near of narrow"}


def test_a_model_that_did_not_answer_is_asked_by_words() -> None:
    silent = Asked(NARROW.index, None, "narrow", 0.9)
    assert found([PLAIN, silent], "zzz") == ["near of plain"]
    assert set(found([PLAIN, silent], "narrow")) >= {"near of narrow", "far of narrow"}


def test_vectors_of_different_models_are_never_near() -> None:
    pool = Pool.gather([PLAIN, NARROW], "near", 10, Filter(), prefix=False)
    vector = pool.vectors()
    for one, first in enumerate(pool.homes):
        for other, second in enumerate(pool.homes):
            a, b = vector(one), vector(other)
            assert a is not None
            assert b is not None
            assert (first is second) or float(a @ b) == 0
