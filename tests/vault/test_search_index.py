"""One collection in memory: many scripts, hostile questions and texts, filters, threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vault.test_search_changes import DIM, IDS, filled, vectors
from vault.search import lexical
from vault.search.documents import Document, Filter, QueryText
from vault.search.embed import Embedding
from vault.search.index import CollectionIndex
from vault.search.maxsim import TokenVectors
from vault.search.segments import pack, parse


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


def test_one_that_is_left_out_costs_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each memory that is compared with the others is left out of what is found."""
    asked, real = [], lexical.Words._ask

    def ask(words: lexical.Words, match: str, limit: int) -> list[tuple[int, float]]:
        asked.append(limit)
        return real(words, match, limit)

    monkeypatch.setattr(lexical.Words, "_ask", ask)
    documents = [Document(uuid4(), "gulls by the sea") for _ in range(40)]
    index = filled(documents)
    rest = Filter(exclude=frozenset({documents[0].id}))
    found = index.search(QueryText("gulls"), limit=12, allow=rest)
    assert [one.document.id for one in found] == [one.id for one in documents[1:13]]
    assert len(asked) == 1


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


def test_token_vectors_of_as_many_as_allowed_stay_when_a_block_came_first() -> None:
    """As a cold opening does it: first the segments, then the sealed token vectors."""
    index = filled(Document(id, "tea") for id in IDS[:4])
    index._tokens = TokenVectors(4)
    made = [vectors(number, tokens=4) for number in range(4)]
    entries = [(id, 1, one.without_tokens().to_bytes()) for id, one in zip(IDS, made, strict=False)]
    index.attach_block(parse(pack(entries)))
    for id, one in zip(IDS, made, strict=False):
        index.attach(id, 1, one)
    assert len(index.tokens(IDS)) == 4
    counts, texts = index.token_counts(made[0].token_ids)  # type: ignore[arg-type]
    assert texts == 4
    assert counts.max() <= 4
    index.remove(IDS[0])
    assert index.token_counts(np.zeros(1, np.int32))[1] == 3


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
