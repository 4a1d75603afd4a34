"""A small file says by its name what must be in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.kinds import KINDS
from connectors.base.live.sheets import Sheet, _read_back, name_of, written
from connectors.base.types import Item
from tests.connectors.conformance import KEY

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)


def test_names_tell_texts_apart_to_the_letter_and_know_them_without_white_space() -> None:
    one, two = name_of(Item("a  b"), KEY), name_of(Item("a b"), KEY)
    assert one != two
    assert one.removeprefix("satchel.fact.")[16:] == two.removeprefix("satchel.fact.")[16:]


@given(texts, texts | st.just(""), st.sampled_from(sorted(KINDS)))
def test_what_was_written_is_read_back(text: str, title: str, kind: str) -> None:
    item = Item(text, kind=kind, title=title)  # type: ignore[arg-type]
    read = _read_back(Sheet("1", name_of(item, KEY)), written(item))
    assert read is not None
    assert (read.kind, read.text.split()) == (kind, text.split())
    assert read.title == " ".join(title.split())


@given(texts)
def test_what_a_parser_made_of_it_is_not_taken_for_it(text: str) -> None:
    sheet = Sheet("1", name_of(Item(text), KEY))
    assert _read_back(sheet, text + " and more") is None
    assert _read_back(sheet, f"more {text}") is None
    assert _read_back(sheet, "") is None or not text.strip()


@pytest.mark.parametrize(
    "name", ["manual.pdf", "satchel.fact.0.k.txt", f"satchel.fact.{'0' * 32}..txt", ""]
)
def test_other_names_are_those_of_others(name: str) -> None:
    sheet = Sheet("1", name)
    assert (sheet.is_ours, sheet.etag, sheet.key) == (False, "foreign", "")
