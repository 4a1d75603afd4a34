"""Prompts of Google AI Studio, and the pages that lie beside Gems in a Takeout."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.mutilated import JUNK, mutilated
from tests.connectors.shapes import (
    Json,
    calmly,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)


def chunk(role: str, text: str | None = None, **more: Any) -> Json:
    return {**({} if text is None else {"text": text}), "role": role, "tokenCount": 3, **more}


def prompt(*chunks: Any, told: Any = None, **more: Any) -> Json:
    held = {
        "runSettings": {"model": "models/gemini-3-pro", "temperature": 1.0},
        "systemInstruction": told or {},
        "chunkedPrompt": {"chunks": list(chunks), "pendingInputs": [{"text": "CANARY"}]},
    }
    return {**held, **more}


TWO = (chunk("user", "Hello"), chunk("model", "Hi", finishReason="STOP"))


def test_a_prompt() -> None:
    told = {"parts": [{"text": "Be brief."}]}
    found = read({"Google AI Studio/Trees": prompt(*TWO, told=told)})
    (item,), (one,) = items(found), conversations(found)
    assert (item.text, item.kind, item.title) == ("Be brief.", "instruction", "Trees")
    assert one.title == "Trees" and item.remote_id.startswith(one.conversation_id)
    assert [(t.role, t.text, t.position) for t in one.turns] == [
        ("user", "Hello", 0),
        ("assistant", "Hi", 1),
    ]
    assert one.turns[1].parent_id == one.turns[0].message_id
    assert len(found) == 2 and "CANARY" not in repr(found)


def test_thoughts_are_left_out_and_files_leave_a_placeholder() -> None:
    entries = [
        chunk("user", None, driveDocument={"id": "x"}),
        chunk("user", "See", driveImage={"id": "x"}),
        chunk("model", "CANARY", isThought=True),
        chunk("model", None, parts=[{"text": "CANARY", "thought": True}, {"text": "So."}]),
        chunk("model", None, executableCode={"code": "CANARY"}),
    ]
    found = read({"a": prompt(*entries)})
    assert [turn.text for turn in turns(found)] == ["[file]", "See\n\n[image]", "So."]
    assert problems(found) == [] and "CANARY" not in repr(found)


def test_times_where_there_are_any() -> None:
    entries = [chunk("user", "a", createTime="2026-01-01T12:00:00Z"), chunk("model", "b")]
    (one,) = conversations(read({"a": prompt(*entries)}))
    assert str(one.created_at) == str(one.updated_at) == "2026-01-01 12:00:00+00:00"


def test_a_grown_prompt_adds_what_is_new() -> None:
    old = turns(read({"Trees": prompt(*TWO)}))
    new = turns(read({"x/Trees.json": prompt(*TWO, chunk("user", "More"))}))
    assert new[:2] == old and [turn.text for turn in new[2:]] == ["More"]


@pytest.mark.parametrize("name", ["conversations.json", "Trees", "x/y.txt"])
def test_it_is_known_by_what_is_in_it(name: str) -> None:
    with opened({name: prompt(*TWO)}) as files:
        assert recognised(files).vendor == "google"


@pytest.mark.parametrize("page", [b"<div></div>", b" <div></div>\n"])
def test_an_empty_page_of_scheduled_actions_is_nothing_to_tell(page: bytes) -> None:
    beside = {"Takeout/Gemini/gemini_scheduled_actions_data.html": page}
    assert problems(read({"a": prompt(*TWO), **beside})) == []


def test_a_page_of_scheduled_actions_is_told_as_not_read() -> None:
    page = b"<div><b>Water the trees</b> each Monday</div>"
    found = read({"a": prompt(*TWO), "Gemini/gemini_scheduled_actions_data.html": page})
    (one,) = problems(found)
    assert one.where.endswith(".html") and "not known" in one.reason and "trees" not in one.reason


@calmly
@given(st.lists(st.sampled_from(["said", "thought", *JUNK]), max_size=12))
def test_every_message_is_read_passed_over_or_told(kinds: list[Any]) -> None:
    """Total: the chunks of the list."""
    made = {"said": chunk("user", "said"), "thought": chunk("model", "t", isThought=True)}
    entries = [made.get(kind, kind) if isinstance(kind, str) else kind for kind in kinds]
    found = read({"a": prompt(chunk("user", "first"), *entries)})
    assert len(turns(found)) + len(problems(found)) + kinds.count("thought") == len(kinds) + 1


@calmly
@given(mutilated(prompt(*TWO, told={"parts": [{"text": "Be brief."}]})))
def test_no_mutilation_makes_it_fail_or_waver(broken: Any) -> None:
    export = {"a": broken, "b": prompt(chunk("user", "sound"))}
    first, again = read(export), read(export)
    assert first == again and "sound" in [turn.text for turn in turns(first)]


def test_a_single_file_without_a_zip() -> None:
    raw = b'{"runSettings": {}, "chunkedPrompt": {"chunks": [{"text": "Hi", "role": "user"}]}}'
    assert [turn.text for turn in turns(read(upload(raw, "Untitled prompt")))] == ["Hi"]
