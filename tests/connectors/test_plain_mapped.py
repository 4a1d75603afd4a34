"""Files that nobody knows: little is shown of them, and they are read as their owner said."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.limits import Limits
from connectors.base.types import Conversation, Item, Unreadable
from connectors.plain.fields import Fields, guess
from connectors.plain.mapped import MappedFiles
from connectors.plain.mapping import ITSELF, Mapped
from connectors.plain.places import Place, words
from connectors.plain.sketch import Shape, sketch
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import calmly, conversations, items, opened, problems

ODD = [{"zork": f"fact {n}", "on": f"2026-01-0{n}", "by": {"name": "Ana"}} for n in range(1, 4)]


def shapes(contents: Any, **limits: int) -> list[Shape]:
    with opened(contents, limits=Limits(**limits) if limits else None) as files:
        return sketch(files)


def told(contents: Any, *said: Fields | None) -> list[Any]:
    with opened(contents) as files:
        found = sketch(files)
        assert len(found) == len(said), found
        pairs = zip(found, said, strict=True)
        mappings = [Mapped(shape.place, shape.names, fields) for shape, fields in pairs]
        again = [Mapped.from_json(json.loads(json.dumps(one.to_json()))) for one in mappings]
        assert again == mappings
        return list(MappedFiles(again).read(files))


def test_what_is_shown_is_the_names_and_one_short_sample() -> None:
    secret = "x" * 200 + "CANARY"
    (shape,) = shapes({"a.json": [{"zork": secret, "n": 5}, {"zork": "second", "m": None}]})
    assert (shape.count, shape.more, shape.files) == (2, False, 1)
    assert [part.name for part in shape.parts] == ["zork", "n", "m"]
    assert [len(part.sample) for part in shape.parts] == [61, 1, 0]
    assert "CANARY" not in json.dumps(shape.to_json())
    assert Shape.from_json(json.loads(json.dumps(shape.to_json()))) == shape


def test_what_is_shown_is_bounded() -> None:
    wide = [{f"part {n}": "x" for n in range(500)} | {"y" * 500: "z"}]
    many = {f"{n}.json": [{f"only here {n}": "x", "a": n}] for n in range(50)}
    found = shapes({"wide.json": wide, **many})
    assert len(found) == 12
    assert max(len(shape.parts) for shape in found) <= 40
    assert all(len(part.name) <= 80 for shape in found for part in shape.parts)


def test_a_long_list_is_counted_no_further_than_needed() -> None:
    (shape,) = shapes({"a.json": [{"zork": str(n)} for n in range(25_000)]})
    assert (shape.count, shape.more) == (20_000, True)


@pytest.mark.parametrize(
    ("content", "name", "place", "count"),
    [
        (ODD, "a.json", Place("list"), 3),
        ({"made": 1, "hives": ODD}, "a.json", Place("list", "hives"), 3),
        ("\n".join(map(json.dumps, ODD)), "a.jsonl", Place("lines"), 3),
        ("zork;on\r\nfact;2026\r\n", "a.csv", Place("table"), 1),
        ({"zork": "one object"}, "a.json", Place("list"), 1),
    ],
)
def test_where_entries_are(content: Any, name: str, place: Place, count: int) -> None:
    (shape,) = shapes({name: content})
    assert (shape.place, shape.count) == (place, count)


def test_as_the_owner_said() -> None:
    fields = Fields("zork", date="on", title="by.name")
    found = told({"a.json": ODD}, fields)
    assert [(one.text, one.title) for one in items(found)] == [
        (f"fact {n}", "Ana") for n in range(1, 4)
    ]
    assert [str(one.created_at)[:10] for one in items(found)] == [
        f"2026-01-0{n}" for n in range(1, 4)
    ]


def test_lists_within_entries_are_conversations_of_their_own() -> None:
    talk = [{"zz": "me", "line": "hello"}, {"zz": "Coach", "line": "hi"}]
    content = [{"name": "One", "said": talk}, {"name": "Two", "said": talk}]
    found = told({"a.json": content}, None, Fields("said.line", title="name", speaker="said.zz"))
    assert [(one.title, len(one.turns)) for one in conversations(found)] == [("One", 2), ("Two", 2)]
    first = conversations(found)[0].turns
    assert [(one.role, one.speaker) for one in first] == [("user", ""), ("user", "Coach")]


def test_rows_of_several_conversations() -> None:
    rows = [("a", "me", "1"), ("a", "bot", "2"), ("b", "me", "3"), ("a", "me", "4")]
    table = io.StringIO()
    csv.writer(table).writerows([("where", "who", "what"), *rows])
    fields = Fields("what", speaker="who", talk="where")
    found = conversations(told({"a.csv": table.getvalue()}, fields))
    assert [[turn.text for turn in one.turns] for one in found] == [["1", "2"], ["3"], ["4"]]
    assert found[0].conversation_id == found[2].conversation_id != found[1].conversation_id
    assert found[2].turns[0].position == 2


def test_ids_of_the_file_count_if_nobody_else_can_have_them() -> None:
    def ids(*entries: dict[str, str]) -> list[str]:
        found = items(told({"a.json": list(entries)}, Fields("zork", id="no")))
        return [one.remote_id for one in found]

    long = "0198c0de-0000-7000-8000-000000000001"
    assert ids({"no": long, "zork": "a"}) == ids({"no": long, "zork": "b"})
    assert ids({"no": "1", "zork": "a"}) != ids({"no": "1", "zork": "b"})


def test_files_of_the_same_shape_are_one_question_and_others_are_told() -> None:
    many = {f"{n}.json": {"zork": f"fact {n}", "more": n} for n in range(30)}
    found = told({**many, "n.md": "- Likes tea", ".git/x.json": ODD}, Fields("zork"))
    assert len(items(found)) == 31
    assert problems(found) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"place": {"form": "list"}, "names": ["a"], "fields": {"text": 5}},
        {"place": {"form": "cloud", "under": "", "inside": ""}, "names": [], "fields": None},
        {"place": {"form": "list", "under": 5}, "names": [], "fields": None},
        {"place": {"form": "list"}, "names": "abc", "fields": None},
        {"place": {"form": "list", "more": ""}, "names": [], "fields": None},
    ],
)
def test_what_was_not_written_here_is_no_mapping(data: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        Mapped.from_json(data)


@calmly
@given(mutilated(ODD))
def test_mutilated_entries_are_read_or_told_and_none_is_lost(broken: Any) -> None:
    """The total: the entries of the list. One that is not there any more is none."""
    if not isinstance(broken, list):
        return
    fields = Fields("zork", date="on", title="by.name", kind="by", id="on")
    mapping = Mapped(Place("list"), frozenset(("zork", "on", "by")), fields)
    with opened({"a.json": broken}) as files:
        reader = MappedFiles([mapping])
        if not reader.recognise(files):
            return
        found = list(reader.read(files))
        assert found == list(reader.read(files))
    assert len(found) == len(broken)
    assert all(isinstance(one, Item | Unreadable) for one in found)


@calmly
@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
        max_leaves=20,
    )
)
def test_no_json_makes_the_sketch_or_its_reading_fail(content: Any) -> None:
    with opened({"a.json": json.dumps(content)}) as files:
        found = sketch(files)
        assert [Shape.from_json(one.to_json()) for one in found] == found
        every = [
            Mapped(shape.place, shape.names, Fields(part.name, speaker=part.name))
            for shape in found
            for part in shape.parts[:1]
        ]
        for one in MappedFiles(every).read(files):
            assert isinstance(one, Item | Conversation | Unreadable)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (" a ", "a"),
        (5, "5"),
        (None, ""),
        (True, ""),
        (["a", {"text": "b"}], "a\nb"),
        ({"parts": ["a", None, {"text": "b"}]}, "a\nb"),
        ({"other": 1}, ""),
    ],
)
def test_the_words_of_a_value(value: Any, said: str) -> None:
    assert words(value) == said


def test_names_say_what_parts_are() -> None:
    assert guess(["ID", "Created At", "Memory"]) == Fields("Memory", date="Created At", id="ID")
    assert guess(["body", "subject"]) is None
    assert guess(["body", "subject"], sure=False) == Fields("body", title="subject")
    assert guess([]) is None
    assert ITSELF not in (guess(["text"]) or Fields("")).to_json().values()
