"""The candidates of all collections together, and how well each answers the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An index, with the question as the model of its vectors embeds it; None asks its words only.

    `unlike` is how alike (cosine) that model finds texts that have nothing in common.
    """

    index: CollectionIndex
    embedding: Embedding | None = None
    model: str = ""
    unlike: float = 0.0

    def search(self, query: str, limit: int, allow: Filter, *, prefix: bool) -> list[Candidate]:
        """Candidates with cosines on one scale for all models: 0 is unlike, 1 the same."""
        question = QueryText(query, self.embedding, prefix)
        found = self.index.search(question, limit=limit, allow=allow)
        return [self._scaled(candidate) for candidate in found] if self.unlike else found

    def _scaled(self, candidate: Candidate) -> Candidate:
        if candidate.meaning is None:
            return candidate
        return replace(candidate, meaning=(candidate.meaning - self.unlike) / (1 - self.unlike))


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates, each with where it came from. Scores of what is not known are NaN."""

    candidates: list[Candidate]
    homes: list[Asked]

    @classmethod
    def gather(
        cls, asked: Sequence[Asked], query: str, limit: int, allow: Filter, *, prefix: bool
    ) -> Pool:
        found = [
            (candidate, one)
            for one in asked
            for candidate in one.search(query, limit, allow, prefix=prefix)
        ]
        return cls([candidate for candidate, _ in found], [one for _, one in found])

    def keep(self, mask: NDArray[np.bool_]) -> Pool:
        kept = np.flatnonzero(mask).tolist()
        return Pool([self.candidates[i] for i in kept], [self.homes[i] for i in kept])

    def words(self) -> Scores:
        return np.array([candidate.words for candidate in self.candidates])

    def meaning(self) -> Scores:
        cosines = (candidate.meaning for candidate in self.candidates)
        return np.array([np.nan if cosine is None else cosine for cosine in cosines])

    def likeness(self, chosen: list[int], tokens_of: TokensOf | None) -> Scores:
        """The token-by-token score of the `chosen` candidates that have token vectors."""
        scores = np.full(len(self.candidates), np.nan)
        for model in {home.model for home in self.homes}:
            places = [place for place in chosen if self.homes[place].model == model]
            question = self.homes[places[0]].embedding if places else None
            if question is not None and question.tokens is not None:
                self._compare(question, question.tokens, places, tokens_of, scores)
        return scores

    def vectors(self) -> Callable[[int], NDArray[np.float32] | None]:
        """Candidates' vectors by place. Those of different models stand at right angles."""
        sizes = {home.model: home.index.dim for home in self.homes}
        zeros = {model: np.zeros(size, np.float32) for model, size in sizes.items()}

        def vector(place: int) -> NDArray[np.float32] | None:
            home = self.homes[place]
            own = home.index.vector(self.candidates[place].document.id)
            if own is None or len(sizes) == 1:
                return own
            return np.concatenate(list({**zeros, home.model: own}.values()))

        return vector

    def _compare(
        self,
        question: Embedding,
        tokens: NDArray[np.int8],
        chosen: list[int],
        tokens_of: TokensOf | None,
        scores: Scores,
    ) -> None:
        tables = self._tokens(chosen, tokens_of)
        places = [place for place in chosen if self.candidates[place].document.id in tables]
        if places and question.token_ids is not None:
            weights = self._token_weights(question.token_ids, self.homes[places[0]].model)
            texts = [tables[self.candidates[place].document.id] for place in places]
            scores[places] = Question(tokens, weights).scores(texts)

    def _tokens(
        self, chosen: list[int], tokens_of: TokensOf | None
    ) -> dict[UUID, NDArray[np.int8]]:
        tables: dict[UUID, NDArray[np.int8]] = {}
        absent: list[UUID] = []
        for home in {id(home): home for home in self.homes}.values():
            ids = [self.candidates[i].document.id for i in chosen if self.homes[i] is home]
            tables.update(home.index.tokens(ids))
            absent += [id for id in ids if id not in tables]
        if tokens_of is not None and absent:
            fetched = tokens_of(absent).items()
            tables.update({id: held.tokens for id, held in fetched if held.tokens is not None})
        return tables

    def _token_weights(self, ids: NDArray[np.int32], model: str) -> NDArray[np.float32]:
        counts, texts = np.zeros(len(ids), np.int64), 0
        for home in {id(home): home for home in self.homes if home.model == model}.values():
            more, number = home.index.token_counts(ids)
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
