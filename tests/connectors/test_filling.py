"""Texts are filled up to their measure, with what matters most, and every note is whole."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.base.handing.filling import Layout, fill, kept_in_order
from connectors.base.handing.notes import NO_ROOM, TOO_LONG, Note
from connectors.base.handing.tokens import tokens
from tests.connectors.shapes import calmly


def note(name: str, text: str) -> Note:
    return Note(name, "fact", text, text, "", "", text[:1], "")


def layout(most: int, **more: object) -> Layout:
    return Layout(most, lambda one: one.text, "head", "foot", **more)  # type: ignore[arg-type]


def test_what_does_not_fit_is_passed_over_and_shorter_ones_get_in() -> None:
    notes = [note("1", "aaaa"), note("2", "bbbbbbbbb"), note("3", "cccc"), note("4", "d" * 99)]
    texts, left_out = fill(notes, layout(20))
    assert [text.written() for text in texts] == ["head\naaaa\ncccc\nfoot"]
    assert left_out == {NO_ROOM: 1, TOO_LONG: 1}
    assert kept_in_order(notes, texts) == ("1", "3")


def test_several_texts_hold_them_in_order() -> None:
    notes = [note(str(n), "x" * 6) for n in range(5)]
    texts, left_out = fill(notes, layout(24), None)
    assert [text.kept for text in texts] == [["0", "1"], ["2", "3"], ["4"]]
    assert not left_out
    texts, left_out = fill(notes, layout(24), 2)
    assert [text.kept for text in texts] == [["0", "1"], ["2", "3"]]
    assert left_out == {NO_ROOM: 1}


def test_sections_stand_in_their_order() -> None:
    notes = [note("1", "b1"), note("2", "a1"), note("3", "b2")]
    texts, _ = fill(notes, layout(99, section=lambda one: one.collection, sections=("a", "b")))
    assert texts[0].written() == "head\n\na\na1\n\nb\nb1\nb2\nfoot"
    plain = layout(99, section=lambda one: one.collection, sections=("a", "b"), headed=False)
    assert fill(notes, plain)[0][0].written() == "head\na1\nb1\nb2\nfoot"


@calmly
@given(
    texts=st.lists(st.text(min_size=1, max_size=30), max_size=40),
    most=st.integers(0, 200),
    parts=st.none() | st.integers(1, 4),
    count=st.none() | st.integers(1, 5),
)
def test_measures_hold_and_nothing_is_lost(
    texts: list[str], most: int, parts: int | None, count: int | None
) -> None:
    notes = [note(str(number), text) for number, text in enumerate(texts)]
    look = layout(most, section=lambda one: one.collection, count=count, measure=tokens)
    made, left_out = fill(notes, look, parts)
    assert all(tokens(text.written()) <= most for text in made)
    assert parts is None or len(made) <= parts
    assert count is None or all(len(text.kept) <= count for text in made)
    assert len(kept_in_order(notes, made)) + sum(left_out.values()) == len(notes)


def test_tokens_are_rather_too_many() -> None:
    assert tokens("") == 0
    assert tokens("The quick brown fox jumps over the lazy dog.") == 15  # 10 in the models of 2026
    assert tokens("彼女は毎朝お茶を飲みます") == 18
    assert tokens("👩") == 2


@given(one=st.text(), other=st.text())
def test_tokens_of_two_texts_are_no_more_than_of_each(one: str, other: str) -> None:
    assert tokens(one + other) <= tokens(one) + tokens(other)
