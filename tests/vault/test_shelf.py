"""Many documents in columns: found by their ids, and the same after they were written and read."""

from datetime import UTC
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.search import lookup
from vault.search.documents import Document
from vault.search.embed import TOKEN_DIM, Embedding
from vault.search.lexical import Words
from vault.search.lookup import Lookup, among, in_order, packed
from vault.search.segments import MOST, pack, parse, unpack
from vault.search.shelf import Shelf

ids = st.integers(0, (1 << 128) - 1).map(lambda n: UUID(int=n))
# ids of which only one half differs, as two made at the same moment, or by an unlucky draw
few = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda p: UUID(int=p[0] << 64 | p[1]))
times = st.none() | st.datetimes(timezones=st.just(UTC))
documents = st.builds(
    Document,
    id=ids,
    text=st.text(st.characters(codec=None), max_size=20),
    kind=st.sampled_from(["fact", "event"]),
    role=st.sampled_from(["user", ""]),
    speaker=st.text(max_size=5),
    occurred_at=times,
    conversation=st.sampled_from(["", "one", "two"]),
    position=st.integers(0, 2**31 - 1),
    pinned=st.booleans(),
    trust=st.sampled_from([0.6, 1.0]),
    revision=st.integers(1, 2**31 - 1),
    held=st.booleans(),
    valid_from=times,
    valid_until=times,
)


@given(st.lists(st.lists(few, unique=True, max_size=6), max_size=8), st.booleans())
def test_the_latest_key_of_an_id_is_found(portions: list[list[UUID]], early: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "RECENT", 2 if early else 10**6)
        found, expected = Lookup(), dict[UUID, int]()
        for portion in portions:
            expected |= {id: len(found) + place for place, id in enumerate(portion)}
            found.add(packed(portion))
        every = [UUID(int=high << 64 | low) for high in range(5) for low in range(5)]
        assert [found.key(id) for id in every] == [expected.get(id) for id in every]
        assert found.keys(packed(every)).tolist() == [expected.get(id, -1) for id in every]
        assert all(found.id(key) == id for id, key in expected.items())


@given(st.lists(documents, unique_by=lambda one: one.id, max_size=8), st.data())
@settings(deadline=None)
def test_a_shelf_is_the_same_after_it_was_written_and_read(
    several: list[Document], data: st.DataObject
) -> None:
    shelf = Shelf()
    keys = shelf.add(several)
    gone = data.draw(st.sets(st.sampled_from(keys))) if several else set()
    for key in gone:
        shelf.remove(key)
    read = Shelf.from_bytes(shelf.columns_to_bytes(), shelf.texts_to_bytes())
    bare = Shelf.from_bytes(memoryview(shelf.columns_to_bytes()), None)
    assert (len(read), read.size) == (len(shelf), shelf.size) == (len(bare), bare.size)
    for key, document in zip(keys, several, strict=True):
        there = [one.key(document.id) for one in (shelf, read, bare)]
        assert there == [None if key in gone else key] * 3
        if key not in gone:
            assert read[key] == shelf[key] == document
            assert bare[key].text == ""
            assert bare[key].valid_until == document.valid_until
        else:
            with pytest.raises(KeyError):
                read[key]
    more = (
        read.add([Document(UUID(int=7), "more")])
        if UUID(int=7) not in {d.id for d in several}
        else range(0)
    )
    assert [read[key].text for key in more] == ["more"] * len(more)


def test_no_word_of_a_removed_document_is_written() -> None:
    shelf = Shelf()
    (key,) = shelf.add([Document(UUID(int=1), "an unheard-of word")])
    shelf.remove(key)
    assert b"unheard" not in shelf.texts_to_bytes() + shelf.columns_to_bytes()


def test_words_are_found_after_they_were_written_and_read() -> None:
    words = Words()
    words.add([(0, "the calm sea"), (1, "bees and honey"), (2, "the loud sea")])
    words.remove(2, "the loud sea")
    read = Words.from_bytes(words.to_bytes())
    assert read.find("sea honey", 9, None) == pytest.approx(words.find("sea honey", 9, None))
    read.add([(3, "a new sea")])
    assert set(read.find("sea", 9, None)) == {0, 3}


def test_no_removed_word_is_left_between_the_pages() -> None:
    dice = np.random.default_rng(3)
    letters = dice.integers(97, 123, (3000, 12), np.uint8)
    unique = [bytes(row).decode() for row in letters]
    words = Words()
    words.add([(key, f"{word} in the sea") for key, word in enumerate(unique)])
    for key, word in enumerate(unique[:2000]):
        words.remove(key, f"{word} in the sea")
    for data in (words.to_bytes(), Words.from_bytes(words.to_bytes()).to_bytes()):
        left = [word for word in unique if word[4:10].encode() in data]  # stems; beginnings shared
        assert left == unique[2000:]


def embedded(seed: int, passages: int, tokens: int) -> Embedding:
    dice = np.random.default_rng(seed)
    rows = dice.standard_normal((passages, 8))
    rows = (rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.float16)
    if not tokens:
        return Embedding(rows)
    table = dice.integers(-127, 127, (tokens, TOKEN_DIM)).astype(np.int8)
    return Embedding(rows, table, dice.integers(0, 90_000, tokens).astype(np.int32))


embeddings = st.builds(embedded, st.integers(0, 99), st.integers(1, 3), st.integers(0, 4))
entries = st.lists(st.tuples(ids, st.integers(0, 2**32 - 1), embeddings), min_size=1, max_size=6)


@given(entries)
@settings(deadline=None)
def test_a_segment_gives_back_what_was_packed(several: list[tuple[UUID, int, Embedding]]) -> None:
    data = pack([(id, number, one.without_tokens().to_bytes()) for id, number, one in several])
    for (id, number, one), (told, revision, found) in zip(several, unpack(data), strict=True):
        assert (told, revision) == (id, number)
        assert found.to_bytes() == one.without_tokens().to_bytes()


def one_entry(seed: int = 1) -> tuple[UUID, int, bytes]:
    return UUID(int=seed), 1, embedded(seed, 2, 3).without_tokens().to_bytes()


@given(st.data())
@settings(deadline=None)
def test_a_segment_cut_or_altered_is_refused_or_well_formed(data: st.DataObject) -> None:
    good = pack([one_entry(1), one_entry(2)])
    at = data.draw(st.integers(0, len(good) - 1))
    for bad in (good[:at], good + bytes([at % 256])):
        with pytest.raises(ValueError, match=r"segment|length 1"):
            parse(bad)
    altered = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        assert len(list(unpack(altered))) == 2
    except ValueError as refused:
        assert "segment" in str(refused) or "length 1" in str(refused)


def test_a_segment_holds_one_model_and_not_too_many() -> None:
    other = Embedding(np.full((1, 4), 0.5, np.float16)).to_bytes()
    for wrong in ([], [one_entry(), (UUID(int=9), 1, other)], [one_entry()] * (MOST + 1)):
        with pytest.raises(ValueError, match="segment"):
            pack(wrong)


def test_neighbours_are_told_in_order() -> None:
    shelf = Shelf()
    shelf.add(
        [
            Document(UUID(int=n), "", conversation="talk", position=n % 5, occurred_at=None)
            for n in range(10)
        ]
    )
    assert shelf.neighbours(UUID(int=2), 1, 2) == [UUID(int=6), UUID(int=7), UUID(int=3)]
    shelf.remove(7)
    assert shelf.neighbours(UUID(int=2), 1, 2) == [UUID(int=6), UUID(int=3), UUID(int=8)]


@given(st.lists(st.uuids(), max_size=30), st.lists(st.uuids(), max_size=30), st.integers(0, 30))
def test_of_ids_those_that_are_wanted_are_told(
    ids: list[UUID], others: list[UUID], both: int
) -> None:
    wanted = [*others, *ids[:both]]
    told = among(packed(ids), in_order(b"".join(id.bytes for id in wanted)))
    assert told.tolist() == [id in set(wanted) for id in ids]
