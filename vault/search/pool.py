"""The candidates of all collections together, and how well each answers the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vault.search.documents import Candidate, Filter, QueryText
from vault.search.maxsim import Question, token_weights

if TYPE_CHECKING:
    from uuid import UUID

    from numpy.typing import NDArray

    from vault.search.embed import Embedding
    from vault.search.index import CollectionIndex, TokensOf

    Scores = NDArray[np.float64]

COMPARED = 128  # candidates at most that are compared token by token


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates, each with the index it came from. Scores of what is not known are NaN."""

    candidates: list[Candidate]
    homes: list[CollectionIndex]

    @classmethod
    def gather(
        cls, indexes: Sequence[CollectionIndex], question: QueryText, limit: int, allow: Filter
    ) -> Pool:
        found = [
            (candidate, index)
            for index in indexes
            for candidate in index.search(question, limit=limit, allow=allow)
        ]
        return cls([candidate for candidate, _ in found], [index for _, index in found])

    def keep(self, mask: NDArray[np.bool_]) -> Pool:
        kept = np.flatnonzero(mask).tolist()
        return Pool([self.candidates[i] for i in kept], [self.homes[i] for i in kept])

    def words(self) -> Scores:
        return np.array([candidate.words for candidate in self.candidates])

    def meaning(self) -> Scores:
        cosines = (candidate.meaning for candidate in self.candidates)
        return np.array([np.nan if cosine is None else cosine for cosine in cosines])

    def likeness(
        self, question: Embedding, chosen: list[int], tokens_of: TokensOf | None
    ) -> Scores:
        """The token-by-token score of the `chosen` candidates that have token vectors."""
        scores = np.full(len(self.candidates), np.nan)
        if question.tokens is None or question.token_ids is None or not chosen:
            return scores
        tables = self._tokens(chosen, tokens_of)
        places = [place for place in chosen if self.candidates[place].document.id in tables]
        if places:
            weights = self._token_weights(question.token_ids)
            texts = [tables[self.candidates[place].document.id] for place in places]
            scores[places] = Question(question.tokens, weights).scores(texts)
        return scores

    def _tokens(
        self, chosen: list[int], tokens_of: TokensOf | None
    ) -> dict[UUID, NDArray[np.int8]]:
        tables: dict[UUID, NDArray[np.int8]] = {}
        absent: list[UUID] = []
        for index in {id(home): home for home in self.homes}.values():
            ids = [self.candidates[i].document.id for i in chosen if self.homes[i] is index]
            tables.update(index.tokens(ids))
            absent += [id for id in ids if id not in tables]
        if tokens_of is not None and absent:
            fetched = tokens_of(absent).items()
            tables.update({id: held.tokens for id, held in fetched if held.tokens is not None})
        return tables

    def _token_weights(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        counts, texts = np.zeros(len(ids), np.int64), 0
        for index in {id(home): home for home in self.homes}.values():
            more, number = index.token_counts(ids)
            counts, texts = counts + more, texts + number
        return token_weights(ids, counts, texts)


def stretch(scores: Scores, low: float) -> Scores:
    """So that `low` becomes 0 and the best becomes 1; NaN stays."""
    span = np.fmax.reduce(scores, initial=low) - low
    return np.clip((scores - low) / span, 0.0, None) if span > 0 else scores * 0.0


def mix(parts: Sequence[tuple[float, Scores]]) -> Scores:
    """The weighted mean of the scores that are known; 0 where none is."""
    total = sum(weight * np.nan_to_num(scores) for weight, scores in parts)
    counted = sum(weight * ~np.isnan(scores) for weight, scores in parts)
    return np.divide(total, counted, out=np.zeros(len(parts[0][1])), where=np.asarray(counted) > 0)
