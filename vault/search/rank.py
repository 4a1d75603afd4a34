"""From a question to an ordered list of hits over one or more collections.

Three scores are each stretched to 0..1 over all candidates and summed (words, meaning, and the
token-by-token comparison of short texts); then the conversation around, the speaker, whose words
they are, age, pins, trust and whether it is true now move them. Scores are fused, not ranks:
measured better.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from vault.search.documents import EVERYTHING, Document, Filter, aware
from vault.search.pool import COMPARED, Asked, Pool, mix, stretch
from vault.search.selection import select

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.search.embed import Embedder
    from vault.search.index import CollectionIndex, TokensOf

    Scores = NDArray[np.float64]

CANDIDATES = 100  # by words and as many by meaning, of each collection
LEAST_MEANING = 0.1  # below this cosine, and with no word in common, nothing is an answer
UNLIKE, UNLIKE_TOKENS = 0.0, 0.25  # the usual likeness of texts that have nothing in common
HALF_LIFE = 90 * 86_400.0  # seconds, of the bonus for being recent
RECENTLY = 30 * 86_400.0
ALONE = 0.8  # a memory of no conversation is as well backed as the usual good hit of one
OTHERS = frozenset({"assistant", "tool", "system"})
ASKS_ASSISTANT = re.compile(
    r"(?i)\b(?:you|your|assistant|chatbot|bot|ai|chatgpt|claude|gemini|copilot|grok)\b"
)
NAME = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts; the defaults were measured on long conversations."""

    words: float = 0.25
    meaning: float = 0.25
    tokens: float = 0.5
    session: float = 0.4
    speaker: float = 0.1
    others: float = 0.15  # taken off what an assistant or a tool said, unless it is asked about
    recent: float = 0.03
    pinned: float = 0.05
    trust: float = 0.1
    past: float = 0.2  # taken off what is no longer true, or not yet


DEFAULT = Weights()


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` 0..1 compares hits of one search only; `why` is never empty.

    `why` holds some of "words", "meaning", "recent", "pinned", "past", "future", "held". `index` is
    where its document was found.
    """

    id: UUID
    score: float
    why: tuple[str, ...]
    document: Document = field(repr=False)
    index: CollectionIndex = field(repr=False, compare=False)


def search_all(
    indexes: Sequence[CollectionIndex],
    query: str,
    embedder: Embedder | None,
    *,
    now: datetime,
    **options: Any,
) -> list[Hit]:
    """As `search_each`, with indexes of one model; `embedder` None searches by words only."""
    question = embedder.query(query) if embedder and indexes else None
    return search_each([Asked(index, question) for index in indexes], query, now=now, **options)


def search_each(
    asked: Sequence[Asked],
    query: str,
    *,
    now: datetime,
    limit: int = 10,
    filter: Filter = EVERYTHING,
    tokens_of: TokensOf | None = None,
    prefix: bool = False,
    diversity: float = 0.0,
    weights: Weights = DEFAULT,
) -> list[Hit]:
    """The best hits, best first, near-duplicates shown once; [] for a question without a letter.

    `tokens_of` fetches sealed token vectors for indexes too large to hold them. `diversity` 0..1
    trades score for variety (0.3 suits a context).
    """
    if not any(map(str.isalnum, query)) or limit < 1 or not asked:
        return []
    pool = Pool.gather(asked, query, max(CANDIDATES, limit), filter, prefix=prefix)
    words, meaning = pool.words(), pool.meaning()
    pool = pool.keep((words > 0) | (meaning >= LEAST_MEANING))
    if not pool.candidates:
        return []
    parts = _parts(pool, tokens_of, weights)
    scores = _adjusted(pool, _relevance(parts, weights), query, now, weights)
    chosen = select(pool, scores, limit, diversity)
    return [_hit(pool, parts, scores, place, now) for place in chosen]


@dataclass(frozen=True, slots=True)
class _Parts:
    words: Scores
    meaning: Scores
    tokens: Scores
    compared: NDArray[np.bool_]


def _parts(pool: Pool, tokens_of: TokensOf | None, weights: Weights) -> _Parts:
    words, meaning = stretch(pool.words(), 0.0), stretch(pool.meaning(), UNLIKE)
    compared = np.zeros(len(words), np.bool_)
    tokens = np.full(len(words), np.nan)
    if weights.tokens and any(home.embedding for home in pool.homes):
        shallow = mix([(weights.words, words), (weights.meaning, meaning)])
        best = np.argsort(-shallow, kind="stable")[:COMPARED]
        compared[best] = True
        likeness = pool.likeness(best.tolist(), tokens_of)
        tokens = stretch(likeness, UNLIKE_TOKENS)
    return _Parts(words, meaning, tokens, compared)


def _relevance(parts: _Parts, weights: Weights) -> Scores:
    """The mean of the known parts. What was too poor to be compared counts as alike in nothing."""
    tokens = np.where(parts.compared | np.isnan(parts.tokens).all(), parts.tokens, 0.0)
    return mix(
        [(weights.words, parts.words), (weights.meaning, parts.meaning), (weights.tokens, tokens)]
    )


def _adjusted(pool: Pool, base: Scores, query: str, now: datetime, weights: Weights) -> Scores:
    documents = [candidate.document for candidate in pool.candidates]
    named = {name.casefold() for name in NAME.findall(query)}
    others = 0.0 if ASKS_ASSISTANT.search(query) else weights.others
    extra = [
        weights.speaker * _is_named(document, named)
        - others * (document.role in OTHERS)
        + weights.recent * 0.5 ** (_age(document, now) / HALF_LIFE)
        + weights.pinned * document.pinned
        - weights.trust * (1 - document.trust)
        - weights.past * (document.tense(now) != "present")
        for document in documents
    ]
    most = 1 + weights.session + weights.speaker + weights.recent + weights.pinned
    scores = base + weights.session * _sessions(pool, base) + np.array(extra)
    shares: Scores = np.clip(scores / most, 0.0, 1.0)
    return shares


def _sessions(pool: Pool, base: Scores) -> Scores:
    """For each candidate the mean of its conversation's three best."""
    groups: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    scores = base * ALONE
    for place, (candidate, home) in enumerate(zip(pool.candidates, pool.homes, strict=True)):
        if candidate.document.conversation:
            groups[id(home), candidate.document.conversation].append(place)
    for places in groups.values():
        scores[places] = np.sort(base[places])[-3:].sum() / 3
    return scores


def _is_named(document: Document, named: set[str]) -> bool:
    first = NAME.search(document.speaker)
    return first is not None and first[0].casefold() in named


def _age(document: Document, now: datetime) -> float:
    """In seconds; of a memory without a time, endless."""
    when = document.occurred_at
    if when is None:
        return float("inf")
    return max(0.0, (aware(now) - aware(when)).total_seconds())


def _hit(pool: Pool, parts: _Parts, scores: Scores, place: int, now: datetime) -> Hit:
    document, index = pool.candidates[place].document, pool.homes[place].index
    known = [one for one in (parts.meaning[place], parts.tokens[place]) if not isnan(one)]
    words, meaning = parts.words[place], max([0.0, *known])
    tense = document.tense(now)
    reasons = {
        "words": words >= min(0.3, meaning),
        "meaning": meaning >= 0.6 or meaning > words,
        "recent": _age(document, now) < RECENTLY,
        "pinned": document.pinned,
        "past": tense == "past",
        "future": tense == "future",
        "held": document.held,
    }
    why = tuple(name for name, holds in reasons.items() if holds)
    return Hit(document.id, float(scores[place]), why, document, index)
