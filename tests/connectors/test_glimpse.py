"""The beginning of a file is seen as it is, however long the file, and at a small cost."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ItemError
from connectors.base.reading.files import File
from connectors.base.reading.frontmatter import fields, note, written
from connectors.base.reading.glimpse import glimpse
from connectors.base.reading.letters import cleaned
from tests.connectors.shapes import calmly, opened
from vault.text import clean

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**6) | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.text("abc", max_size=3), inside, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, max_size=4)


def seen(text: str) -> list[Any]:
    with opened({"x.json": text}) as files:
        return glimpse(files["x.json"])


@calmly
@given(st.lists(OBJECTS, min_size=1, max_size=5), st.sampled_from([None, 1]))
def test_what_is_short_is_seen_whole(values: list[Any], indent: int | None) -> None:
    assert seen("\n".join(json.dumps(value, indent=indent) for value in values)) == cleaned(values)


@calmly
@given(OBJECTS, st.integers(0, 200))
def test_what_is_cut_is_a_part_of_it(value: dict[str, Any], at: int) -> None:
    for part in seen(json.dumps(value)[:at]):
        assert _is_part(part, cleaned(value))


def _is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(k in whole and _is_part(v, whole[k]) for k, v in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(_is_part, part, whole))
    return part == whole or isinstance(part, int)  # 12 of 123 is a number, too


def test_the_keys_before_and_the_first_of_a_long_list_are_seen() -> None:
    entry = {"id": 1, "text": "x" * 1000}
    (first,) = seen(json.dumps({"schema": "s", "memories": [entry] * 500, "after": 1}))
    assert first["schema"] == "s" and first["memories"][0] == entry and "after" not in first


def test_a_long_file_costs_no_more_than_its_beginning() -> None:
    asked: list[int] = []

    class Endless(Iterator[bytes]):
        def __next__(self) -> bytes:
            raise AssertionError

        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            return b'{"a": [' + b'{"b": 1},' * (size // 9)

        def __enter__(self) -> "Endless":
            return self

        def __exit__(self, *_: object) -> None:
            return

    stream: Any = Endless()

    def opening() -> BinaryIO:
        return stream  # type: ignore[no-any-return]

    (first,) = glimpse(File("x", 10**12, opening))
    assert first["a"][0] == {"b": 1} and asked == [1 << 16]


@pytest.mark.parametrize(
    "text", ["", "x", "[" * 5000, '{"a":' * 5000, '{"a": ' + "9" * 6000, '{"a']
)
def test_nothing_in_it_stops_anybody(text: str) -> None:
    assert isinstance(seen(text), list)


SAID = st.text(max_size=20).map(clean)
HEADS = st.dictionaries(
    st.text("abcdefgh_", min_size=1, max_size=5),
    SAID
    | st.lists(SAID, max_size=3)
    | st.dictionaries(st.text("ab", min_size=1, max_size=2), SAID, max_size=2),
    min_size=1,
    max_size=4,
)


@calmly
@given(HEADS, SAID)
def test_a_head_that_we_write_is_read_by_us_and_by_others(head: dict[str, Any], body: str) -> None:
    found = note(written(head, body))
    assert (found.fields, found.body.strip()) == (head, body)
    assert yaml.safe_load(written(head, "").split("---\n")[1]) == head


@calmly
@given(st.text(max_size=200))
def test_any_head_is_read_or_refused(head: str) -> None:
    with suppress(ItemError):
        assert isinstance(fields(head), dict)


def test_types_stay_text_and_null_is_nothing() -> None:
    found = fields("a: 2026-01-01\nb: 1e3\nc: yes\nd: null\ne:\nf: nothing\ng: ~\nh: 'null'")
    assert found == {
        **{"a": "2026-01-01", "b": "1e3", "c": "yes", "d": None, "e": None, "f": "nothing"},
        **{"g": None, "h": "null"},
    }


@pytest.mark.parametrize(
    "head",
    [
        "a: &x [1]\nb: *x",
        "a: &x 1",
        "a: " + "[" * 30 + "]" * 30,
        "a: [" + "1," * 6000 + "]",
        "- a",
        "? [a]\n: b",
        "a: b: c",
        "x" * 70_000,
    ],
)
def test_what_unfolds_or_is_too_much_is_refused(head: str) -> None:
    with pytest.raises(ItemError):
        fields(head)


def test_a_tag_runs_nothing() -> None:
    assert fields("a: !!python/object/apply:os.system ['x']") == {"a": ["x"]}


def test_odd_letters_look_as_they_do_where_the_file_is_read() -> None:
    said = '{"a": ["\\u0000", {"b": "\\udfff'
    with opened({"a.json": said + '"}]}', "b.json": said + "x" * 70_000}) as files:
        assert glimpse(files["a.json"]) == [{"a": ["\ufffd", {"b": "\ufffd"}]}]
        assert glimpse(files["b.json"]) == [{"a": ["\ufffd", {}]}]
