"""Whatever was done to an index, it answers as if newly built from what it should hold."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vault.search import dense
from vault.search.documents import Document, Filter, QueryText
from vault.search.embed import TOKEN_DIM, Embedding
from vault.search.index import CollectionIndex

DIM = 8
IDS = [UUID(int=number) for number in range(1, 13)]
WORDS = ["tea", "coffee", "kitten", "park", "Zoë", "running", "咖啡", "кофейня", "2023", "not"]


def vectors(seed: int, rows: int = 1, tokens: int = 0) -> Embedding:
    dice = np.random.default_rng(seed)
    matrix = dice.standard_normal((rows, DIM))
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float16)
    if not tokens:
        return Embedding(matrix)
    table = dice.integers(-127, 127, (tokens, TOKEN_DIM)).astype(np.int8)
    return Embedding(matrix, table, dice.integers(0, 40_000, tokens).astype(np.int32))


embeddings = st.builds(vectors, st.integers(0, 99), st.integers(1, 3), st.integers(0, 4))
documents = st.builds(
    Document,
    id=st.sampled_from(IDS),
    text=st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    kind=st.sampled_from(["fact", "event"]),
    role=st.sampled_from(["user", "assistant", ""]),
    speaker=st.sampled_from(["", "Ann"]),
    occurred_at=st.none()
    | st.integers(0, 900).map(lambda d: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(d)),
    conversation=st.sampled_from(["", "one", "two"]),
    position=st.integers(0, 5),
    trust=st.sampled_from([0.5, 1.0]),
    revision=st.integers(1, 3),
    embedding=st.none() | embeddings,
)
filters = st.sampled_from(
    [
        Filter(),
        Filter(kinds=frozenset({"fact"})),
        Filter(roles=frozenset({"user", "nobody"}), exclude=frozenset(IDS[:4])),
        Filter(after=datetime(2023, 6, 1, tzinfo=UTC), before=datetime(2024, 6, 1, tzinfo=UTC)),
        Filter(after=datetime(2023, 1, 1, tzinfo=UTC)),
        Filter(least_trust=0.9),
    ]
)
queries = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)


def found(index: CollectionIndex, query: QueryText, allow: Filter) -> dict[UUID, tuple[Any, ...]]:
    candidates = index.search(query, limit=100, allow=allow)
    assert len({c.document.id for c in candidates}) == len(candidates)
    return {
        c.document.id: (
            c.document,
            pytest.approx(c.words, rel=1e-6),
            None if c.meaning is None else pytest.approx(c.meaning, abs=1e-5),
        )
        for c in candidates
    }


def filled(documents: Iterable[Document]) -> CollectionIndex:
    index = CollectionIndex(DIM)
    index.put_many(documents)
    return index


class Changing(RuleBasedStateMachine):
    """An index under any sequence of changes, beside a plain dictionary of what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.index = CollectionIndex(DIM)
        self.held: dict[UUID, Document] = {}

    @rule(document=documents)
    def put(self, document: Document) -> None:
        self.index.put(document)
        self.held[document.id] = document

    @rule(several=st.lists(documents, max_size=8))
    def put_many(self, several: list[Document]) -> None:
        self.index.put_many(several)
        self.held |= {document.id: document for document in several}

    @rule(id=st.sampled_from(IDS), revision=st.integers(1, 3), embedding=embeddings)
    def attach(self, id: UUID, revision: int, embedding: Embedding) -> None:
        fits = id in self.held and self.held[id].revision == revision
        assert self.index.attach(id, revision, embedding) is fits
        if fits:
            self.held[id] = replace(self.held[id], embedding=embedding)

    @rule(id=st.sampled_from(IDS))
    def remove(self, id: UUID) -> None:
        assert self.index.remove(id) is (self.held.pop(id, None) is not None)

    @rule(query=queries, seed=st.none() | st.integers(0, 99), allow=filters)
    def search(self, query: str, seed: int | None, allow: Filter) -> None:
        asked = QueryText(query, None if seed is None else vectors(seed))
        new = filled(self.held.values())
        assert found(self.index, asked, allow) == found(new, asked, allow)

    @rule(limit=st.integers(1, 3), seed=st.integers(0, 99), allow=filters)
    def nearest(self, limit: int, seed: int, allow: Filter) -> None:
        asked = QueryText("", vectors(seed))
        everything = found(self.index, asked, allow)
        best = sorted((meaning.expected for _, _, meaning in everything.values()), reverse=True)
        got = self.index.search(asked, limit=limit, allow=allow)
        scores = sorted((c.meaning for c in got if c.meaning is not None), reverse=True)
        assert scores == pytest.approx(best[:limit], abs=1e-3)

    @invariant()
    def holds_what_it_should(self) -> None:
        new = filled(self.held.values())
        assert len(self.index) == len(self.held)
        assert set(self.index.missing()) == {
            id for id, document in self.held.items() if document.embedding is None
        }
        ids = np.arange(0, 40_000, 7, dtype=np.int32)
        for mine, theirs in zip(self.index.token_counts(ids), new.token_counts(ids), strict=True):
            assert np.array_equal(mine, theirs)
        for id in IDS:
            assert (id in self.index) == (id in self.held)
            assert self.index.get(id) == new.get(id)
            assert self.index.neighbours(id, 2, 1) == new.neighbours(id, 2, 1)
            assert self.index.tokens([id]).keys() == new.tokens([id]).keys()
        cleared_later = 2 * dense.FEWEST_DEAD * (2 * DIM + 4) + new.nbytes // 4
        assert 0 <= self.index.nbytes - new.nbytes <= cleared_later


@pytest.fixture(autouse=True)
def compact_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "FEWEST_DEAD", 2)


TestChanging = Changing.TestCase
TestChanging.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def passes(document: Document, allow: Filter) -> bool:
    when = document.occurred_at
    return (
        (allow.kinds is None or document.kind in allow.kinds)
        and (allow.roles is None or document.role in allow.roles)
        and (allow.after is None or (when is not None and when >= allow.after))
        and (allow.before is None or (when is not None and when < allow.before))
        and document.id not in allow.exclude
        and document.trust >= allow.least_trust
    )


@given(st.lists(documents, unique_by=lambda one: one.id), filters)
@settings(deadline=None)
def test_a_filter_lets_through_what_it_says(several: list[Document], allow: Filter) -> None:
    every = [replace(one, embedding=vectors(number)) for number, one in enumerate(several)]
    found = filled(every).search(QueryText("", vectors(1)), limit=100, allow=allow)
    assert {c.document.id for c in found} == {one.id for one in every if passes(one, allow)}
