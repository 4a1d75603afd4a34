"""Perplexity exports: threads of questions and answers, and a workbook with what it remembers."""

from typing import Any

import pytest

from connectors.base.registry import archives
from tests.connectors.assistants import (
    MEMORIES,
    perplexity,
    perplexity_chat,
    perplexity_data,
    perplexity_entry,
)
from tests.connectors.shapes import (
    Json,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)
from tests.connectors.workbooks import Rows, sheet, workbook

NOON = "2026-01-01T12:00:00+00:00"
JSON = "conversations-1767268800-ab12.json"
SHEET = "user-data-1767268800.xlsx, sheet memory"


def remembered(memories: Rows | str) -> list[Any]:
    return read({"user-data-1767268800.xlsx": perplexity_data(memories)})


def test_a_plain_thread_and_a_memory() -> None:
    found = read(perplexity(perplexity_chat()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.message_id, t.role, t.text, t.position, t.parent_id) for t in one.turns] == [
        ("c1-e1/query", "user", "hello", 0, ""),
        ("c1-e1/answer", "assistant", "hi", 1, "c1-e1/query"),
    ]
    times = (one.created_at, one.updated_at, one.turns[0].created_at)
    later = "2026-01-01T12:10:00+00:00"
    assert [time.isoformat() for time in times if time] == [NOON, later, NOON]
    (item,) = items(found)
    assert (item.kind, item.remote_id, item.text) == ("fact", "k1", "Drinks tea")
    assert item.created_at and item.created_at.isoformat() == NOON
    assert len(found) == 2 and "CANARY" not in repr(found)


def test_a_question_without_an_answer_stands_alone() -> None:
    entries = [perplexity_entry("e1", answer=None, query_status="FAILED"), perplexity_entry("e2")]
    found = turns(read(perplexity(perplexity_chat(entries=entries))))
    assert [(turn.text, turn.position) for turn in found] == [("hello", 0), ("hello", 1), ("hi", 2)]


def test_entries_without_ids_or_with_one_id_are_all_kept() -> None:
    entries = [perplexity_entry(name) for name in ("", "", "e1", "e1")]
    found = turns(read(perplexity(perplexity_chat(entries=entries))))
    assert len({turn.message_id for turn in found}) == len(found) == 8


@pytest.mark.parametrize("broken", [5, None, []])
def test_a_broken_entry_costs_only_itself(broken: Any) -> None:
    chat = perplexity_chat(entries=[broken, perplexity_entry("e2")])
    found = read(perplexity(chat))
    assert [turn.text for turn in turns(found)] == ["hello", "hi"]
    assert [one.where for one in problems(found)] == [f"{JSON}, entry 1, message 1"]


@pytest.mark.parametrize(("side", "kept"), [({"query": 5}, "hi"), ({"answer": [1]}, "hello")])
def test_a_broken_side_does_not_cost_the_other(side: Json, kept: str) -> None:
    found = read(perplexity(perplexity_chat(entries=[perplexity_entry("e1", **side)])))
    assert [turn.text for turn in turns(found)] == [kept]
    assert len(problems(found)) == 1


@pytest.mark.parametrize("broken", [5, None, {}, {"context_uuid": "b"}, {"entries": {}}])
def test_broken_threads_cost_only_themselves(broken: Any) -> None:
    found = read(perplexity(perplexity_chat("a"), broken, perplexity_chat("c")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert [one.where for one in problems(found)] == [f"{JSON}, entry 2"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["memory"], ["a"], ["b"]], [("a", ""), ("b", "")]),
        ([["Whatever"], ["a"]], [("a", "")]),
        ([["Memory Text", "Key"], ["a", "Diet"]], [("a", "Diet")]),
        ([["key", "value"], ["Diet", "a"]], [("a", "Diet")]),
        ([["memory"]], []),
        ([], []),
    ],
)
def test_columns_are_found_by_their_names(rows: Rows, found: list[tuple[str, str]]) -> None:
    made = remembered(rows)
    assert [(item.text, item.title) for item in items(made)] == found
    assert problems(made) == []


def test_dates_of_a_workbook() -> None:
    cells = '<c t="inlineStr"><is><t>{}</t></is></c>'
    names = cells.format("memory") + cells.format("created_at")
    row = cells.format("Tea") + '<c s="1"><v>46023.5</v></c>'
    (item,) = items(remembered(sheet(f"<row>{names}</row><row>{row}</row>")))
    assert item.created_at and item.created_at.isoformat() == NOON


def test_columns_that_are_not_known_are_told_once() -> None:
    found = remembered([["a", "b"], ["CANARY", "x"], ["CANARY", "y"]])
    assert [one.where for one in problems(found)] == [SHEET]
    assert items(found) == [] and "CANARY" not in repr(found)


def test_a_memory_without_text_costs_only_itself() -> None:
    found = remembered([["id", "memory"], ["1", None], ["2", "Tea"]])
    assert [item.remote_id for item in items(found)] == ["2"]
    assert [one.where for one in problems(found)] == [f"{SHEET}, entry 1"]


def test_memories_without_ids_keep_theirs_in_the_next_export() -> None:
    bare: list[list[str]] = [["memory"], ["Tea"]]
    before, after = (
        {item.remote_id for item in items(remembered(rows))} for rows in (bare, [*bare, ["Cake"]])
    )
    assert before < after and len(after) == 2


def test_sheets_that_are_not_known_are_named_if_they_hold_something() -> None:
    more: dict[str, Any] = {"spaces": [["a"], ["CANARY"]], "empty": [["a"]]}
    found = read({"user-data-1767268800.xlsx": perplexity_data(**more)})
    assert [one.where for one in problems(found)] == ["user-data-1767268800.xlsx, sheet spaces"]
    assert len(items(found)) == 1 and "CANARY" not in repr(found)


def test_an_export_is_known_by_what_is_in_it() -> None:
    with opened({"x/y.txt": {"conversations": [perplexity_chat()]}}) as files:
        assert recognised(files).vendor == "perplexity"
    with opened(upload(perplexity_data(), "user-data.xlsx")) as files:
        assert recognised(files).vendor == "perplexity"


def test_other_workbooks_are_not_taken() -> None:
    with opened({"user-data-1.xlsx": workbook({"memory": MEMORIES, "profile": []})}) as files:
        assert not archives()["perplexity"].recognise(files)
    with opened({"user-data-1.xlsx": b"PK\x03\x04 no workbook"}) as files:
        assert not archives()["perplexity"].recognise(files)
