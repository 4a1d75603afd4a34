"""Made-up memories in any number: texts like notes, vectors like the model's, fast.

Words follow Zipf's law over the model's own vocabulary, half of them from one of 800 topics, so
that common words are in many texts, rare ones in few, and texts have neighbours. Only 4,800 texts
are embedded. Every memory's vector is a mixture of two of its topic's real ones, with noise on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vault.search.embed import Embedding
from vault.search.models.minilm import MiniLM

TOPICS, OF_TOPIC, WORDS_OF_TOPIC = 800, 6, 60
SHORTEST, MEAN = 6, 22  # words in a text
NOISE = 0.45  # length of the noise beside a vector of length 1


@dataclass(frozen=True)
class Made:
    """One memory: its words, and what an embedder would give for them."""

    text: str
    embedding: Embedding


class Corpus:
    def __init__(self, model: MiniLM, seed: int = 7) -> None:
        self.model = model
        self._dice = np.random.default_rng(seed)
        self._words = np.array(model.common_words(), object)
        ranks = np.arange(1, len(self._words) + 1)
        self._zipf = np.cumsum(1 / (ranks + 2.7))
        self._zipf /= self._zipf[-1]
        self._topics = self._dice.integers(200, len(self._words), (TOPICS, WORDS_OF_TOPIC))
        topics = np.repeat(np.arange(TOPICS), OF_TOPIC)
        self._real = [model.embed(text) for text in self._texts(topics)]
        self._vectors = np.stack([one.passages[0] for one in self._real]).astype(np.float32)

    def make(self, count: int, portion: int = 10_000) -> Iterator[Made]:
        for start in range(0, count, portion):
            topics = self._dice.integers(0, TOPICS, min(portion, count - start))
            texts = self._texts(topics)
            which = topics * OF_TOPIC + self._dice.integers(0, OF_TOPIC, len(topics))
            for text, row, vector in zip(texts, which, self._mixed(topics, which), strict=True):
                like = self._real[row]
                yield Made(text, Embedding(vector[None], like.tokens, like.token_ids))

    def queries(self, count: int) -> list[str]:
        """Questions of four to seven words, most of them of one topic."""
        topics = self._dice.integers(0, TOPICS, count)
        picked = self._dice.integers(0, WORDS_OF_TOPIC, (count, 4))
        common = self._words[self._drawn((count, 3))]
        telling = self._words[np.take_along_axis(self._topics[topics], picked, 1)]
        rows = zip(telling.tolist(), common.tolist(), range(count), strict=True)
        return [" ".join(["what about", *mine, *more[: n % 4]]) for mine, more, n in rows]

    def _texts(self, topics: NDArray[np.int64]) -> list[str]:
        lengths = SHORTEST + self._dice.poisson(MEAN - SHORTEST, len(topics))
        most = int(lengths.max())
        ids = self._drawn((len(topics), most))
        places = self._dice.integers(0, WORDS_OF_TOPIC, (len(topics), most))
        own = self._dice.random((len(topics), most)) < 0.5
        ids = np.where(own, np.take_along_axis(self._topics[topics], places, 1), ids)
        rows = zip(self._words[ids].tolist(), lengths.tolist(), strict=True)
        return [" ".join(words[:length]) for words, length in rows]

    def _drawn(self, shape: tuple[int, int]) -> NDArray[np.int64]:
        return np.searchsorted(self._zipf, self._dice.random(shape))

    def _mixed(self, topics: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.float16]:
        share = self._dice.random((len(topics), 1), np.float32) / 2
        other = topics * OF_TOPIC + self._dice.integers(0, OF_TOPIC, len(topics))
        made = (1 - share) * self._vectors[which] + share * self._vectors[other]
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        made += self._dice.standard_normal(made.shape, np.float32) * (NOISE / made.shape[1] ** 0.5)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made.astype(np.float16)
