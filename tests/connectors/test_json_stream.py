"""JSON of any size and in any state: what is sound comes out, the damage is said once."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.limits import Limits
from connectors.base.reading import json_cutter, json_stream
from connectors.base.reading.files import File
from connectors.base.reading.json_stream import document, items, peek
from connectors.base.types import Unreadable
from tests.connectors.shapes import calmly


def file(content: bytes, **limits: int) -> File:
    return File("x.json", len(content), lambda: io.BytesIO(content), Limits(**limits))


def listed(content: bytes, under: str = "", **limits: int) -> list[Any]:
    return list(items(file(content, **limits), under))


def reasons(found: list[Any]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Unreadable)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@calmly
@given(
    value=st.lists(VALUES),
    chunk=st.integers(1, 9),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
def test_it_reads_what_json_reads(
    value: list[Any], chunk: int, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    content = text.encode("utf-8", "surrogatepass")
    inside = b'{"a": {"list": [1]}, "s": "list\\": [", "list" : ' + content + b', "z": 1}'
    expected = json_stream._value(content, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        assert listed(content) == expected
        assert listed(inside, "list") == expected


@calmly
@given(content=st.binary(max_size=200), chunk=st.integers(1, 9))
def test_no_bytes_make_it_raise_or_hang(content: bytes, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        for start in (b"", b"[", b'{"a":['):
            listed(start + content)
            listed(start + content, "a")
            document(file(start + content))


@calmly
@given(value=st.lists(VALUES, min_size=1), data=st.data())
def test_a_file_cut_anywhere_keeps_what_came_before(value: list[Any], data: st.DataObject) -> None:
    content = json.dumps(value).encode()
    cut = data.draw(st.integers(1, len(content) - 1))
    found = listed(content[:cut])
    whole = [one for one in found if not isinstance(one, Unreadable)]
    assert whole == json_stream._value(content, "")[: len(whole)]
    assert len(found) == len(whole) + 1


def test_an_entry_that_is_not_json_is_left_out_alone() -> None:
    found = listed(b'[1, {"a": nope}, {"b": 2}, "\\x", 5]')
    assert found[0] == 1 and found[2] == {"b": 2} and found[4] == 5
    assert found[1].where == "x.json, entry 2"
    assert len(reasons(found)) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf [1]", [1]),
        (b"[NaN, Infinity, -Infinity]", [None, None, None]),
        (b'[{"a": 1, "a": 2}]', [{"a": 2}]),
        (b'["\\ud800", "\\ud83d\\ude00", "\\u0000"]', ["\ufffd", "\U0001f600", "\ufffd"]),
        (b'[{"\\udfff": ["\\ud800"]}]', [{"\ufffd": ["\ufffd"]}]),
        (b'["\xff\xfe"]', ["\ufffd\ufffd"]),
        (b'["a\nb\tc"]', ["a\nb\tc"]),
        (b"[]", []),
        (b"[1,]", [1]),
        (b'{"only": 1}', [{"only": 1}]),
    ],
)
def test_oddities(content: bytes, expected: list[Any]) -> None:
    assert listed(content) == expected


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b"nope", b"[1]]", b'{"a": 1}{"b": 2}'])
def test_what_is_not_one_json_text_is_said(content: bytes) -> None:
    found = listed(content)
    assert len(reasons(found)) == 1


def test_a_number_of_five_thousand_digits_is_left_out() -> None:
    found = listed(b"[" + b"1" * 5_000 + b", 2]")
    assert found[1] == 2
    assert len(reasons(found)) == 1


@pytest.mark.parametrize("depth", [1_000, 1_000_000])
def test_nesting_is_bounded(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    assert reasons(listed(b"[" + deep + b", 7]")) == [json_cutter.TOO_DEEP]
    assert listed(b"[" + deep + b", 7]")[1] == 7
    assert len(reasons(listed(b"[" * depth))) == 1
    assert len(reasons(listed(b'{"a":' * depth))) == 1


def test_nesting_up_to_the_limit_is_read() -> None:
    assert listed(b"[" + b"[" * 200 + b"]" * 200 + b"]") != []
    assert reasons(listed(b"[" + b"[" * 200 + b"]" * 200 + b"]")) == []
    assert reasons(listed(b"[" + b"[" * 201 + b"]" * 201 + b"]")) == [json_cutter.TOO_DEEP]


def test_an_entry_too_large_is_skipped_and_the_rest_read() -> None:
    large = b'"' + b"x" * 300_000 + b'"'
    found = listed(b"[1, " + large + b", {" + b'"a":' + large + b"}, 4]", item_bytes=100_000)
    assert [one for one in found if not isinstance(one, Unreadable)] == [1, 4]
    assert reasons(found) == [json_cutter.TOO_LARGE] * 2


def test_an_entry_of_too_many_values_is_skipped() -> None:
    found = listed(b"[[" + b"1," * 2_000 + b"1], 2]", item_values=1_000)
    assert reasons(found) == [json_cutter.TOO_MANY_VALUES]
    assert found[1] == 2


@calmly
@given(value=st.lists(VALUES, max_size=8), chunk=st.integers(1, 9), most=st.integers(1, 12))
def test_after_a_skipped_entry_the_next_is_found(value: list[Any], chunk: int, most: int) -> None:
    content = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        found = listed(content, item_values=most, item_bytes=40, depth=3)
    whole = json_stream._value(content, "")
    assert len(found) == len(whole)
    for got, expected in zip(found, whole, strict=True):
        assert isinstance(got, Unreadable) or got == expected
    kept = [one for one in found if not isinstance(one, Unreadable)]
    assert len(kept) >= sum(isinstance(one, int | None) and abs(one or 0) < 99 for one in whole)


def test_more_entries_than_can_be_are_not_read() -> None:
    found = listed(b"[1, 2, 3, 4]", items=2)
    assert found[:2] == [1, 2]
    assert len(found) == 3


def test_an_object_without_the_list_is_the_one_entry() -> None:
    assert listed(b'{"mapping": {}}', "conversations") == [{"mapping": {}}]
    assert listed(b'{"conversations": 5}', "conversations") == [{"conversations": 5}]


def test_peek_reads_no_more_than_asked_and_passes_over_damage() -> None:
    assert list(peek(file(b"[nope, 1, 2, 3]"), count=3)) == [1, 2]


def test_a_document_larger_than_any_is_left_out() -> None:
    assert isinstance(document(file(b'{"a": "' + b"x" * 100 + b'"}', item_bytes=50)), Unreadable)
    assert document(file(b' {"a": [1]} ')) == {"a": [1]}
