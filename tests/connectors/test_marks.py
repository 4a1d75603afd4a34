"""What is left beside a memory at a remote, and read again."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.live.marks import digest, entry_with, marks
from connectors.base.types import Item, Kind

TEXTS = st.text(min_size=1).filter(str.strip)
ITEMS = st.builds(Item, text=TEXTS, title=st.text(), kind=st.sampled_from(get_args(Kind)))


@given(ITEMS, st.text("abc-1", max_size=64))
def test_come_back(item: Item, key: str) -> None:
    entry = entry_with("1", item.text, {"theirs": 1, **marks(item, key)})
    assert entry.item == item and entry.key == key


@given(ITEMS, ITEMS)
def test_etag_changes_exactly_when_the_item_does(one: Item, other: Item) -> None:
    assert (digest(one) == digest(other)) == (one == other)


def test_an_update_leaves_the_key_alone() -> None:
    assert "satchel" not in marks(Item("x"))


@pytest.mark.parametrize("text", [None, "", " \n", 7, ["x"], {}])
def test_what_is_no_text_is_left_alone(text: Any) -> None:
    entry = entry_with("1", text, None)
    assert entry.item is None and entry.unreadable


@pytest.mark.parametrize("values", ["x", 7, ["kind"], True])
def test_odd_values_are_left_alone(values: Any) -> None:
    entry = entry_with("1", "Likes tea", values)
    assert entry.item is None and entry.unreadable


@pytest.mark.parametrize("odd", [None, 7, "kind of", ["fact"], {}])
def test_marks_of_others_mean_nothing(odd: Any) -> None:
    entry = entry_with("1", "Likes tea", {"kind": odd, "title": odd and [odd], "satchel": 7})
    assert (entry.key, entry.item) == ("", Item("Likes tea"))
