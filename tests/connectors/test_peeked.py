"""What one reader found at the beginning of a file, the next one gets without reading it again."""

import json
from typing import Any

import pytest

from connectors.base.limits import Limits
from connectors.base.reading.json_lines import peek_lines
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.peeked import Peeked, weight
from connectors.base.types import Unreadable
from tests.connectors.shapes import opened, upload


def test_what_was_found_is_answered_as_long_as_there_is_room() -> None:
    peeked, asked = Peeked(most=1_000), list[str]()

    def find(name: str, size: int) -> Any:
        asked.append(name)
        return [name], size

    for _ in range(2):
        assert peeked.get("small", lambda: find("small", 100)) == ["small"]
        assert peeked.get("large", lambda: find("large", 10_000)) == ["large"]
        assert peeked.get("none", lambda: ([], 0)) == []
    assert asked == ["small", "large", "large"]


@pytest.mark.parametrize(
    ("content", "under", "found"),
    [
        ([1, 2, 3], "", [1, 2, 3]),
        ([1, 2, 3], "chats", [1, 2, 3]),
        ({"chats": [1, 2]}, "chats", [1, 2]),
        ({"a": {"chats": [1]}}, "chats", [{"a": {"chats": [1]}}]),
        ({"chats": 5}, "chats", [{"chats": 5}]),
        ({"chats": []}, "chats", []),
        ({"chats": [1]}, "", [{"chats": [1]}]),
        ("no json", "", []),
    ],
)
@pytest.mark.parametrize("padding", [0, 300_000])
def test_small_files_and_large_ones_look_the_same(
    content: Any, under: str, found: list[Any], padding: int
) -> None:
    said = content if isinstance(content, str) else json.dumps(content)
    with opened({"a.json": said + " " * padding}) as files:
        for _ in range(2):
            assert list(peek(files["a.json"], under)) == found
        kept = [one for one in items(files["a.json"], under) if not isinstance(one, Unreadable)]
        assert kept[:10] == found


def test_the_first_is_found_however_long_and_what_follows_only_near_the_beginning() -> None:
    entries = [{"n": n, "text": "x" * 400_000} for n in range(5)]
    listed, lines = json.dumps(entries), "\n".join(map(json.dumps, entries))
    with opened(upload(listed.encode(), "a.json"), upload(lines.encode(), "b.jsonl")) as files:
        assert [one["n"] for one in peek(files["a.json"])] == [0]
        assert [one["n"] for one in peek_lines(files["b.jsonl"])] == [0]
        assert [one["n"] for one in items(files["a.json"])] == [0, 1, 2, 3, 4]


def test_an_entry_without_an_end_is_given_up() -> None:
    limits = Limits(item_bytes=500_000)
    endless = b'[{"text": "' + b"x" * 3_000_000
    with opened(upload(endless, "a.json"), limits=limits) as files:
        assert list(peek(files["a.json"])) == []


def test_the_lists_of_an_object() -> None:
    held = {"one": [1], "deep": {"two": [2]}, "th\u00e9": [], 'a "quote"': [3], "no": "[", "4": 4}
    for said in (json.dumps(held), json.dumps(held) + " " * 300_000, json.dumps(held, indent=2)):
        with opened({"a.json": said}) as files:
            assert list(lists_in(files["a.json"])) == ["one", "th\u00e9", 'a "quote"']
    with opened({"a.json": "[[1]]"}) as files:
        assert list(lists_in(files["a.json"])) == []


def test_weight_grows_with_the_values() -> None:
    assert weight(b"[" + b"[]," * 1_000 + b"[]]") > 64 * 2_000
    assert weight(b'"' + b"x" * 1_000 + b'"') < 1_100


def test_of_a_large_object_the_beginnings_are_seen_and_it_is_parsed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from connectors.base.reading import json_stream

    parsed, whole = list[str](), json_stream.document
    monkeypatch.setattr(json_stream, "document", lambda f: (parsed.append(f.where), whole(f))[1])
    large = {"info": {"name": "Ana"}, "turns": {str(n): ["x" * 100] * 40 for n in range(500)}}
    with opened(upload(json.dumps(large).encode(), "a.json")) as files:
        for under in ("", "chats", "turns"):
            (seen,) = peek(files["a.json"], under)
            assert seen["info"] == {"name": "Ana"}
            assert seen["turns"]["0"] == ["x" * 100] * 10
            assert len(seen["turns"]) == 300
    assert parsed == ["a.json"]


def test_a_list_under_a_key_of_odd_letters() -> None:
    for padding in ("", " " * 300_000):
        with opened({"a.json": '{"a\\ud800\\u0000": [1]}' + padding}) as files:
            file = files["a.json"]
            (name,) = lists_in(file)
            assert name == "a\ufffd\ufffd"
            list(peek(file, name))
            list(items(file, name))
