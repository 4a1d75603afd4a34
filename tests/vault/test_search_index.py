"""One collection in memory: whatever was done to it, it answers as if newly built."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vault.search import dense, lexical
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
            old = self.held[id].light()
            fields = {name: getattr(old, name) for name in old.__slots__}
            self.held[id] = Document(**fields | {"embedding": embedding})

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


def texts(index: CollectionIndex, query: str, *, prefix: bool = False) -> list[str]:
    candidates = index.search(QueryText(query, prefix=prefix), limit=20)
    return [c.document.text for c in sorted(candidates, key=lambda c: -c.words)]


def of(*texts: str) -> CollectionIndex:
    return filled(Document(uuid4(), text) for text in texts)


@given(st.text(max_size=300), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_is_a_command(query: str, prefix: bool) -> None:
    for hit in SOME.search(QueryText(query, prefix=prefix), limit=5):
        assert hit.words > 0


SOME = of("kitten AND park", "NEAR the café", 'say "hello"', "咖啡 и кофейня", "column: text")


@pytest.mark.parametrize(
    "query",
    [
        *('kitten" OR "', "kitten*", "NEAR(kitten park)", "-kitten", "text:kitten", "^kitten"),
        *("{text} : kitten", "kitten NOT park", "kitten\0", "\ud800kitten ", "(kitten"),
        *("kitten; DROP TABLE words", "kitten + park", "kitten " * 5000, "(" * 10_000 + " kitten"),
    ],
)
def test_the_query_language_stays_closed(query: str) -> None:
    assert ("kitten AND park" in texts(SOME, query)) is not query.startswith("((((")


def test_the_words_around_small_vaults_never_show() -> None:
    assert texts(SOME, lexical.FILLER_WORD) == []
    assert texts(of(f"a {lexical.FILLER_WORD} b"), f"{lexical.FILLER_WORD} zebra") == []


@pytest.mark.parametrize(
    "text", ["", "\0", "a\0b kitten", "\ud800 kitten", "\ufdfa" * 100, "a" * 10**6]
)
def test_any_text_can_be_kept_replaced_and_removed(text: str) -> None:
    index = of("kitten")
    mine = Document(uuid4(), text)
    index.put(mine)
    index.put(mine)
    assert len(texts(index, "kitten")) == (2 if "kitten" in text else 1)
    assert index.remove(mine.id)
    assert texts(index, "kitten") == ["kitten"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("кофейня", "Вчера я ходил в новую кофейню"),
        ("咖啡", "昨天我去了大学旁边的新咖啡店"),
        ("店", "昨天我去了大学旁边的新咖啡店"),
        ("カフェ", "昨日、大学の近くのカフェに行きました"),
        ("กาแฟ", "เมื่อวานฉันไปร้านกาแฟใหม่"),
        ("카페", "어제 새로운 카페에 갔어요"),
        ("विश्वविद्यालय", "कल मैं विश्वविद्यालय के पास गया"),
        ("المقهى", "ذهبت أمس إلى المقهى"),
        ("zoe", "Zoë was running in the park"),
        ("runs", "Zoë was running in the park"),
        ("STRASSE", "Die Straße war nass"),
        ("Who is Will?", "Will plays chess"),
    ],
)
def test_words_are_found_in_many_scripts(query: str, expected: str) -> None:
    assert texts(SCRIPTS, query) == [expected]


SCRIPTS = of(
    *("Вчера я ходил в новую кофейню", "昨天我去了大学旁边的新咖啡店"),
    *("昨日、大学の近くのカフェに行きました", "เมื่อวานฉันไปร้านกาแฟใหม่"),
    *("어제 새로운 카페에 갔어요", "कल मैं विश्वविद्यालय के पास गया", "ذهبت أمس إلى المقهى"),
    *("Zoë was running in the park", "Die Straße war nass", "Will plays chess"),
)


def test_every_letter_typed_keeps_the_text_in_sight() -> None:
    index = of("Zoë was running in the park", "memories of Lisbon")
    for word, text in (("running", "Zoë was"), ("memories", "memories of")):
        for end in range(1, len(word) + 1):
            assert texts(index, word[:end], prefix=True)[0].startswith(text), word[:end]
    assert texts(index, "runn") == []
    assert texts(index, "park lisb", prefix=True)[0] == "memories of Lisbon"


def test_a_word_counts_in_a_vault_of_three() -> None:
    index = of("coffee in the morning", "coffee again", "nothing of it")
    assert all(c.words > 0.5 for c in index.search(QueryText("coffee"), limit=5))


def test_a_narrow_filter_is_not_drowned_by_better_matches() -> None:
    wanted = Document(uuid4(), "tea " + "and many other things " * 5, kind="event")
    others = [Document(uuid4(), "tea", embedding=vectors(1)) for _ in range(3000)]
    index = filled([*others, wanted])
    index.attach(wanted.id, 1, vectors(2))
    only = Filter(kinds=frozenset({"event"}))
    for query in (QueryText("tea"), QueryText("", vectors(1))):
        assert [c.document.id for c in index.search(query, limit=2, allow=only)] == [wanted.id]
    nothing = Filter(kinds=frozenset())
    assert index.search(QueryText("tea", vectors(1)), limit=2, allow=nothing) == []


def test_long_texts_do_not_crowd_out_others() -> None:
    asked = vectors(5)
    same = Embedding(np.repeat(asked.passages, 16, axis=0))
    long = [Document(uuid4(), "", embedding=same) for _ in range(3)]
    short = [Document(uuid4(), "", embedding=vectors(seed)) for seed in range(6, 40)]
    candidates = filled([*long, *short]).search(QueryText("", asked), limit=5)
    assert len(candidates) == 5
    assert {d.id for d in long} < {c.document.id for c in candidates}


def test_an_embedding_of_another_model_is_refused() -> None:
    index = filled([Document(IDS[0], "tea")])
    other = Embedding(np.full((1, 4), 0.5, np.float16))
    with pytest.raises(ValueError, match="another model"):
        index.attach(IDS[0], 1, other)
    with pytest.raises(ValueError, match="another model"):
        index.put(Document(IDS[1], "tea", embedding=other))
    with pytest.raises(ValueError, match="another model"):
        index.search(QueryText("tea", other), limit=1)
    assert len(index) == 1


def test_token_vectors_are_let_go_when_there_are_many() -> None:
    index = CollectionIndex(DIM, keep_tokens=3)
    for number, id in enumerate(IDS[:3]):
        index.put(Document(id, "tea", embedding=vectors(number, tokens=4)))
    assert len(index.tokens(IDS)) == 3
    before = index.nbytes
    index.put(Document(IDS[3], "tea", embedding=vectors(3, tokens=4)))
    assert index.tokens(IDS) == {}
    assert index.nbytes < before
    assert index.token_counts(np.zeros(1, np.int32))[1] == 4


def test_closing_lets_go_of_every_text() -> None:
    index = of("kitten")
    index.close()
    assert len(index) == 0
    with pytest.raises(Exception, match="closed"):
        index.search(QueryText("kitten"), limit=1)


def writing(index: CollectionIndex, seed: int) -> None:
    for number in range(150):
        id = IDS[(number * seed) % len(IDS)]
        index.put(Document(id, f"tea {number}", embedding=vectors(number, 2)))
        index.remove(IDS[(number + seed) % len(IDS)])
        index.attach(id, 1, vectors(number + 1))


def reading(index: CollectionIndex, done: threading.Event) -> None:
    while not done.is_set():
        for candidate in index.search(QueryText("tea", vectors(3)), limit=20):
            assert candidate.words > 0
            assert candidate.document.text.startswith("tea")
        index.missing(), index.nbytes, index.vector(IDS[0]), index.neighbours(IDS[0])


def test_threads_search_while_others_write() -> None:
    index = filled(Document(id, "tea", embedding=vectors(1)) for id in IDS)
    done = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(reading, index, done) for _ in range(3)]
        writers = [pool.submit(writing, index, seed) for seed in (5, 7)]
        for writer in writers:
            writer.exception()
        done.set()
    assert [work.exception() for work in (*readers, *writers)] == [None] * 5
    left = [document for id in IDS if (document := index.get(id))]
    assert len(left) == len(index)
    assert sorted(texts(index, "tea")) == sorted(document.text for document in left)
