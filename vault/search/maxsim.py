"""Comparing a question with a short text token by token (late interaction).

Each token of the question finds its most similar token of the text; rare tokens count more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vault.search.embed import Embedding

VOCABULARY = 1 << 15  # MiniLM has 30,522; a token with a larger id is not counted
FIRST_WORD = 1996
# Above this many multiplications BLAS takes a second thread, and waits for a busy core (1 → 10 ms).
ONE_THREAD = 250_000
PRIOR_TEXTS = 100
NOTHING = np.empty((0, 0), np.float16)
RECORD = 400  # bytes around the arrays of one text


class TokenVectors:
    """Token vectors of texts by key, and in how many texts each token occurs.

    Above `most` texts it lets go of the vectors for good, and only counts.
    """

    def __init__(self, most: int) -> None:
        self.texts = 0
        self.nbytes = VOCABULARY * 4
        self._most = most
        self._holds = True
        self._counts = np.zeros(VOCABULARY, np.int32)
        self._counted = np.zeros(0, np.bool_)  # by key
        self._held: dict[int, Embedding] = {}

    def add(self, rows: Sequence[tuple[int, Embedding]]) -> None:
        """What has no token ids is passed over; what has ids but no vectors is only counted, and
        what was counted before not again."""
        told = [(key, held.token_ids) for key, held in rows if held.token_ids is not None]
        known = self._mark([key for key, _ in told]).tolist()
        self._count([ids for (_, ids), old in zip(told, known, strict=True) if not old], 1)
        self._let_go()
        if self._holds:
            for key, held in rows:
                self._hold(key, held)

    def count(
        self, keys: NDArray[np.int64], ids: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> None:
        """Many new texts' token ids, one after the other, that come without vectors."""
        self._mark(keys[lengths > 0].tolist())
        telling = lengths[lengths > 0]
        self._add_up(ids, np.repeat(np.arange(len(telling)), telling), len(telling), 1)
        self._let_go()

    def remove(self, key: int) -> None:
        """A text whose vectors are not held stays counted: the counts are only weights."""
        held = self._held.pop(key, None)
        if held is not None and held.token_ids is not None:
            self._count([held.token_ids], -1)
            self._counted[key] = False
            self.nbytes -= RECORD + 68 * len(held.token_ids)

    def get(self, key: int | None) -> NDArray[np.int8] | None:
        held = None if key is None else self._held.get(key)
        return None if held is None else held.tokens

    def counts(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """In how many texts each of these tokens occurs."""
        return np.where(ids < VOCABULARY, self._counts[ids % VOCABULARY], 0)

    def _hold(self, key: int, embedding: Embedding) -> None:
        if embedding.tokens is None or embedding.token_ids is None:
            return
        self._held[key] = only_tokens(embedding)
        self.nbytes += RECORD + 68 * len(embedding.token_ids)

    def _let_go(self) -> None:
        if self.texts > self._most:
            self._holds, self.nbytes = False, VOCABULARY * 4
            self._held.clear()

    def _mark(self, keys: Sequence[int]) -> NDArray[np.bool_]:
        """That these count from now on; which of them did before."""
        if (size := max(keys, default=-1) + 1) > len(self._counted):
            room = np.zeros(max(size, len(self._counted) * 3 // 2), np.bool_)
            room[: len(self._counted)] = self._counted
            self._counted = room
        places = np.array(keys, np.intp)
        known = self._counted[places]
        self._counted[places] = True
        return known

    def _count(self, texts: Sequence[NDArray[np.int32]], by: int) -> None:
        if texts:
            place = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
            self._add_up(np.concatenate(texts), place, len(texts), by)

    def _add_up(self, ids: NDArray[np.int32], text: NDArray[np.int64], texts: int, by: int) -> None:
        self.texts += by * texts
        told = np.sort((text * VOCABULARY + ids)[ids < VOCABULARY])
        once = (
            told[np.diff(told, prepend=-1) != 0] % VOCABULARY
        )  # np.unique takes ten times as long
        self._counts += by * np.bincount(once, minlength=VOCABULARY).astype(np.int32)


def only_tokens(embedding: Embedding) -> Embedding:
    """The same without its passages."""
    # a copy, because what was read from bytes would keep all those bytes alive
    tokens = None if embedding.tokens is None else embedding.tokens.copy()
    return replace(embedding, tokens=tokens, passages=NOTHING)


def token_weights(
    ids: NDArray[np.int32], counts: NDArray[np.integer[Any]], texts: int
) -> NDArray[np.float32]:
    """How telling each token is, summing to 1.

    While few texts are known, the place in the vocabulary stands in: it lists words by frequency.
    """
    rank = np.maximum(ids - FIRST_WORD, 0) + 1.0
    seen = counts + PRIOR_TEXTS * 0.6 / rank**0.8  # Zipf's law, roughly
    unseen = np.maximum(texts + PRIOR_TEXTS - seen, 0)
    telling = np.log1p(unseen / (seen + 0.5)) + 1e-6
    weights: NDArray[np.float32] = (telling / telling.sum()).astype(np.float32)
    return weights


@dataclass(frozen=True, slots=True)
class Question:
    """The token vectors of a question and how much each counts."""

    vectors: NDArray[np.int8]
    weights: NDArray[np.float32]

    def scores(self, texts: Sequence[NDArray[np.int8]]) -> NDArray[np.float32]:
        """For each text (its token vectors, one at least) the weighted best similarity, -1..1."""
        starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
        tokens = np.concatenate(texts).astype(np.float32)
        question = self.vectors.astype(np.float32).T
        rows = max(1, ONE_THREAD // question.size)
        parts = [tokens[row : row + rows] @ question for row in range(0, len(tokens), rows)]
        similar = np.concatenate(parts)
        best: NDArray[np.float32] = np.maximum.reduceat(similar, starts, axis=0) @ self.weights
        return best / np.float32(127 * 127)
