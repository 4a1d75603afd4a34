"""Listings that come in pages end, give everything, and give it once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import BadResponse
from connectors.base.live.paging import each_once, each_page, the_list, the_mark


@given(st.lists(st.lists(st.integers(0, 9)), min_size=1))
def test_every_page_in_order_and_each_entry_once(pages: list[list[int]]) -> None:
    def fetch(mark: str | None) -> tuple[list[dict[str, int]], str | None]:
        at = int(mark or 0)
        rows = [{"id": number} for number in pages[at]]
        return rows, str(at + 1) if at + 1 < len(pages) else None

    found = [[row["id"] for row in page] for page in each_page(fetch)]
    assert found == pages
    once = [row["id"] for page in each_once(each_page(fetch), "id") for row in page]
    assert once == list(dict.fromkeys(number for page in pages for number in page))


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=9))
def test_a_mark_that_comes_back_ends_it_in_an_error(marks: list[str]) -> None:
    left = iter([*marks, *marks])
    with pytest.raises(BadResponse, match="circle"):
        list(each_page(lambda mark: ([], next(left))))


@pytest.mark.parametrize("value", [None, "x", 7, {}, {"a": []}, True])
def test_what_is_no_list_is_never_an_empty_one(value: object) -> None:
    with pytest.raises((KeyError, TypeError)):
        the_list({"data": value}, "data")
    with pytest.raises((KeyError, TypeError)):
        the_list({}, "data")


@pytest.mark.parametrize("value", [7, [], {}, True])
def test_what_is_no_mark_is_not_the_end(value: object) -> None:
    with pytest.raises(TypeError):
        the_mark({"next": value}, "next")
    assert the_mark({"next": ""}, "next") is the_mark({}, "next") is None
