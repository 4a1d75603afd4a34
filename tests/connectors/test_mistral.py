"""Le Chat exports: many small files, whose messages are in no order."""

from typing import Any

import pytest

from connectors.base.limits import Limits
from tests.connectors.assistants import lechat, lechat_chat, lechat_message
from tests.connectors.shapes import (
    Json,
    chat,
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
)

NOON = "2026-01-01T12:00:00"


def said(**message: Any) -> str:
    found = read(lechat([lechat_message("m1", **message)]))
    assert problems(found) == []
    (turn,) = turns(found)
    return turn.text


def laid_out(*messages: Json) -> list[tuple[str, int, int]]:
    found = turns(read(lechat(list(messages))))
    return [(turn.text, turn.branch, turn.position) for turn in found]


def test_a_plain_chat_is_put_in_order_and_called_as_it_begins() -> None:
    found = read(lechat(lechat_chat()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title, len(found)) == ("c1", "hello", 1)
    assert [(t.message_id, t.role, t.text, t.position, t.parent_id) for t in one.turns] == [
        ("c1-1", "user", "hello", 0, ""),
        ("c1-2", "assistant", "hi", 1, "c1-1"),
    ]
    times = [time.isoformat() for time in (one.created_at, one.updated_at) if time]
    assert times == [f"{NOON}+00:00", f"{NOON}.250000+00:00"]


def test_at_equal_times_the_question_comes_first() -> None:
    assert laid_out(
        lechat_message("m2", "a", "assistant"), lechat_message("m1", "q")
    ) == [("q", 0, 0), ("a", 0, 1)]  # fmt: skip


def test_a_message_without_a_time_stays_behind_the_one_before_it() -> None:
    assert [text for text, *_ in laid_out(
        lechat_message("m2", "second", createdAt=f"{NOON}.500Z"),
        lechat_message("m3", "third", createdAt=None),
        lechat_message("m1", "first"),
    )] == ["first", "second", "third"]  # fmt: skip


def test_older_versions_of_a_message_are_branches() -> None:
    """Not seen in an export yet: `version` was 0 in all of them."""
    later = {"createdAt": f"{NOON}.900Z"}
    assert laid_out(
        lechat_message("m1", "old question"),
        lechat_message("m1", "new question", version=1, createdAt=f"{NOON}.800Z"),
        lechat_message("m2", "answer", "assistant", **later),
    ) == [("new question", 0, 0), ("answer", 0, 1), ("old question", 1, 0)]


TOOL = {"type": "tool_call", "name": "web_search", "publicArguments": "CANARY"}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": " plain \n"}, "plain"),
        (
            {
                "text": "one two three",
                "contentChunks": [
                    {"type": "text", "text": "one two"},
                    {"type": "reference", "referenceIds": [1]},
                    {"type": "text", "text": " three"},
                    TOOL,
                    {"type": "custom_element", "x": 1},
                ],
            },
            "one two three",
        ),
        ({"text": "kept", "contentChunks": [TOOL]}, "kept"),
        ({"text": "", "contentChunks": [{"type": "image_url", "imageUrl": "CANARY"}]}, "[image]"),
        (
            {"text": "", "contentChunks": [{"type": "file_reference", "fileReference": "r.docx"}]},
            "[file: r.docx]",
        ),
        (
            {"text": "see", "files": [{"type": "image", "name": "a.png"}, {"name": "b.pdf"}]},
            "see\n\n[image: a.png]\n\n[file: b.pdf]",
        ),
        ({"text": "x", "canvas": [{"title": "My doc", "content": "y"}]}, "x\n\n[artifact: My doc]"),
    ],
)
def test_what_a_message_says(message: Json, text: str) -> None:
    assert said(**message) == text


def test_a_message_with_nothing_in_it_is_passed_over() -> None:
    found = read(lechat([lechat_message("m1", ""), *lechat_chat()]))
    assert [turn.text for turn in turns(found)] == ["hello", "hi"]
    assert problems(found) == []


@pytest.mark.parametrize(
    "broken", [5, None, [], {}, {"role": "robot"}, lechat_message("x", role="robot"),
               lechat_message("x") | {"content": 5}]
)  # fmt: skip
def test_a_broken_message_is_reported_and_the_chat_goes_on(broken: Any) -> None:
    found = read(lechat([*lechat_chat(), broken]))
    assert len(conversations(found)) == 1
    assert [turn.text for turn in turns(found)] == ["hello", "hi"]
    assert [one.where for one in problems(found)] == ["chat-1.json, entry 3"]


@pytest.mark.parametrize(
    "broken", [{"files": 5}, {"files": [5]}, {"canvas": [5]}, {"contentChunks": [{"type": "song"}]}]
)
def test_a_broken_part_does_not_cost_the_words(broken: Json) -> None:
    found = read(lechat([lechat_message("m1", "words", **broken)]))
    assert [turn.text for turn in turns(found)] == ["words"]
    assert len(problems(found)) == 1


def test_what_the_person_uploaded_is_not_looked_at() -> None:
    given = {"chat-c1-files/notes.json": lechat_chat("theirs"), "chat-c1-files/x.json": {"a": 1}}
    found = read({**lechat(lechat_chat()), **given})
    assert [one.conversation_id for one in conversations(found)] == ["c1"]
    assert len(found) == 1


def test_messages_without_ids_keep_theirs_in_the_next_export() -> None:
    bare = [one | {"id": None} for one in lechat_chat()]
    more = [lechat_message("m3", "again", createdAt=f"{NOON}.900Z"), *bare]
    before, after = ({turn.message_id for turn in turns(read(lechat(x)))} for x in (bare, more))
    assert len(before) == 2 and before < after


def test_a_file_larger_than_real_ones_is_told() -> None:
    long = [lechat_message(f"m{number}", "x" * 900) for number in range(20)]
    found = read(lechat(lechat_chat(), long), limits=Limits(item_bytes=10_000))
    assert [one.conversation_id for one in conversations(found)] == ["c1"]
    assert [one.where for one in problems(found)] == ["chat-2.json"]


def test_an_export_is_known_by_what_is_in_it() -> None:
    with opened({"x/y.txt": lechat_chat()}) as files:
        assert recognised(files).vendor == "mistral"
    with opened({"chat-1.json": [chat()]}) as files:
        assert recognised(files).vendor == "openai"
