"""Which memory is taken for which entry."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.pairing import Link, Ours, Pair, Theirs, pair
from sync.engine.reconcile import reconcile


def ours(number: int, words: str = "tea") -> Ours:
    return Ours(UUID(int=number), f"our {words}", words)


def theirs(remote_id: str, words: str = "tea", key: str = "") -> Theirs:
    return Theirs(remote_id, f"their {words}", words, key)


def link(number: int, memory: int | None, entry: str | None, words: str = "tea") -> Link:
    memory_id = None if memory is None else UUID(int=memory)
    base = None if memory is None else f"our {words}"
    there = None if entry is None else f"their {words}"
    return Link(UUID(int=number), memory_id, entry, base, there, f"k{number}", True, words=words)


def test_a_link_says_what_belongs_together() -> None:
    known, mine, entry = link(9, 1, "r1"), ours(1, "coffee"), theirs("r1", "water")
    assert pair([known], [mine], [entry]) == [Pair(known, mine, entry)]


def test_a_link_without_sides_is_still_there() -> None:
    known = link(9, 1, "r1")
    assert pair([known], [], []) == [Pair(known, None, None)]


def test_what_was_sent_is_found_by_its_key_before_equal_words() -> None:
    sent, mine = replace(link(9, 1, None), theirs=None), ours(1)
    same_words, keyed = theirs("r1"), theirs("r2", "shortened tea", key="k9")
    assert pair([sent], [mine], [same_words, keyed]) == [
        Pair(sent, mine, keyed),
        Pair(None, None, same_words),
    ]


def test_what_was_sent_is_found_by_the_words_sent_though_edited_since() -> None:
    sent, mine, entry = link(9, 1, None), ours(1, "coffee"), theirs("r1", "tea")
    assert pair([sent], [mine], [entry]) == [Pair(sent, mine, entry)]


def test_without_words_kept_those_of_the_memory_count() -> None:
    sent, mine, entry = link(9, 1, None, words=""), ours(1), theirs("r1")
    assert pair([sent], [mine], [entry]) == [Pair(sent, mine, entry)]


def test_what_was_sent_and_forgotten_is_still_known_by_its_words() -> None:
    sent, entry = link(9, 1, None), theirs("r1")
    assert pair([sent], [], [entry]) == [Pair(sent, None, entry)]


def test_an_entry_that_moved_to_another_id_is_found_again() -> None:
    known, mine, moved = link(9, 1, "r1"), ours(1), theirs("r7")
    assert pair([known], [mine], [moved]) == [Pair(known, mine, moved)]


def test_an_entry_that_moved_is_found_though_the_memory_was_edited() -> None:
    known, mine, moved = link(9, 1, "r1"), ours(1, "milk"), theirs("r7")
    assert pair([known], [mine], [moved]) == [Pair(known, mine, moved)]


def test_an_ignored_entry_that_moved_is_found_again() -> None:
    ignored, moved = link(9, None, "r1"), theirs("r7")
    assert pair([ignored], [], [moved]) == [Pair(ignored, None, moved)]


def test_after_both_are_gone_equal_words_are_a_fresh_entry() -> None:
    known, fresh = link(9, 1, "r1"), theirs("r7")
    assert pair([known], [], [fresh]) == [Pair(known, None, None), Pair(None, None, fresh)]


def test_a_hidden_memory_is_not_joined_to_a_fresh_entry() -> None:
    known = replace(link(9, 1, "r1"), hidden=True)
    fresh = theirs("r7")
    assert pair([known], [], [fresh]) == [Pair(known, None, None), Pair(None, None, fresh)]


def test_new_and_new_are_joined_one_to_one() -> None:
    entries = [theirs("r2"), theirs("r1")]
    assert pair([], [ours(1), ours(2, "milk")], entries) == [
        Pair(None, ours(1), theirs("r1")),
        Pair(None, ours(2, "milk"), None),
        Pair(None, None, theirs("r2")),
    ]


def test_an_accepted_suggestion_is_joined_to_its_entry() -> None:
    waiting, mine, entry = link(9, None, "r1"), ours(1), theirs("r1")
    assert pair([waiting], [mine], [entry]) == [Pair(waiting, mine, entry)]


def test_a_memory_whose_entry_is_gone_moves_to_the_alias() -> None:
    known, alias = link(8, 1, "r1"), link(9, None, "r2")
    assert pair([known, alias], [ours(1)], [theirs("r2")]) == [
        Pair(known, None, None),
        Pair(alias, ours(1), theirs("r2")),
    ]


def test_what_was_sent_and_is_awaited_does_not_move_to_another_link() -> None:
    sent, waiting = link(8, 1, None), link(9, None, "r1", "milk")
    mine, entry = ours(1, "milk"), theirs("r1", "milk")
    assert pair([sent, waiting], [mine], [entry]) == [
        Pair(sent, mine, None),
        Pair(waiting, None, entry),
    ]


def test_of_a_repeated_entry_the_last_one_counts() -> None:
    known, mine = link(9, 1, "r1"), ours(1)
    found = pair([known], [mine], [theirs("r1", "old"), theirs("r1", "new")])
    assert found == [Pair(known, mine, theirs("r1", "new"))]


@pytest.mark.parametrize("readable", [True, False])
def test_nothing_is_joined_by_empty_or_unreadable_words(readable: bool) -> None:
    words = "" if readable else "tea"
    mine, entry = ours(1, words), replace(theirs("r1", words), readable=readable)
    assert pair([], [mine], [entry]) == [Pair(None, mine, None), Pair(None, None, entry)]


def test_nothing_is_joined_by_an_empty_key() -> None:
    sent, entry = replace(link(9, 1, None), key=""), theirs("r1", "beer")
    assert pair([sent], [ours(1)], [entry]) == [Pair(sent, ours(1), None), Pair(None, None, entry)]


@pytest.mark.parametrize("readable", [True, False])
def test_nor_is_what_is_only_theirs(readable: bool) -> None:
    words = "" if readable else "tea"
    ignored, mine = link(9, None, "r1", words), ours(1, words)
    entry = replace(theirs("r1", words), readable=readable)
    assert pair([ignored], [mine], [entry]) == [Pair(ignored, None, entry), Pair(None, mine, None)]


def test_an_unreadable_entry_is_found_by_its_key() -> None:
    sent, entry = link(9, 1, None), Theirs("r1", "", "", "k9", readable=False)
    assert pair([sent], [ours(1)], [entry]) == [Pair(sent, ours(1), entry)]


some_words = st.sampled_from(["", "tea", "milk", "beer"])
ids = st.integers(1, 4).map(lambda number: UUID(int=number))
names = st.sampled_from(["r1", "r2", "r3", "r4"])
keys = st.sampled_from(["", "k1", "k2"])
marks = st.none() | st.sampled_from(["x", "y"])
many_ours = st.lists(
    st.builds(Ours, ids, st.sampled_from("xy"), some_words), unique_by=lambda o: o.id
)
many_theirs = st.lists(
    st.builds(Theirs, names, st.sampled_from("xy"), some_words, keys, st.booleans()),
    unique_by=lambda t: t.remote_id,
)
many_links = st.lists(
    st.builds(
        Link,
        st.uuids(),
        st.none() | ids,
        st.none() | names,
        marks,
        marks,
        keys,
        st.booleans(),
        st.booleans(),
        some_words,
    ),
    max_size=5,
    unique_by=(lambda k: k.id, lambda k: k.memory_id or k.id, lambda k: k.remote_id or k.id),
)


@given(many_links, many_ours, many_theirs)
def test_everything_is_in_one_pair(
    links: list[Link], here: list[Ours], there: list[Theirs]
) -> None:
    found = pair(links, here, there)
    assert sorted(str(p.link.id) for p in found if p.link) == sorted(str(k.id) for k in links)
    assert sorted(str(p.ours.id) for p in found if p.ours) == sorted(str(o.id) for o in here)
    assert sorted(p.theirs.remote_id for p in found if p.theirs) == sorted(
        t.remote_id for t in there
    )
    assert len(reconcile(found)) == len(found)


@given(many_links, many_ours, many_theirs, st.randoms(use_true_random=False))
def test_the_order_of_a_listing_does_not_matter(links, here, there, random) -> None:  # type: ignore[no-untyped-def]
    found = pair(links, here, there)
    for some in (links, here, there):
        random.shuffle(some)
    assert pair(links, here, there) == found


@given(many_links, many_ours, many_theirs)
def test_no_link_that_says_so_is_passed_over(
    links: list[Link], here: list[Ours], there: list[Theirs]
) -> None:
    listed = {one.remote_id: one for one in there}
    for one in pair(links, here, there):
        if one.link and one.link.remote_id in listed:
            assert one.theirs == listed[one.link.remote_id]
