"""Qwen exports: an answer of its server, with a tree of messages in each chat."""

from typing import Any

import pytest

from connectors.base.errors import ArchiveError
from connectors.base.registry import archives
from tests.connectors.assistants import qwen, qwen_chat, qwen_message
from tests.connectors.shapes import (
    Json,
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
)

NAME = "qwen-chat-export-1767268800.json"
NOON = "2026-01-01T12:00:00+00:00"


def laid_out(*messages: Json) -> list[tuple[str, int, int]]:
    found = turns(read(qwen(qwen_chat(messages=messages))))
    return [(turn.text, turn.branch, turn.position) for turn in found]


def said(**message: Any) -> list[str]:
    found = read(qwen(qwen_chat(messages=[qwen_message("m1", **message)])))
    assert problems(found) == []
    return [turn.text for turn in turns(found)]


def test_a_plain_chat() -> None:
    found = read(qwen(qwen_chat()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.message_id, t.role, t.text, t.parent_id, t.model) for t in one.turns] == [
        ("c1-m1", "user", "hello", "", ""),
        ("c1-m2", "assistant", "hi", "c1-m1", "qwen3-max"),
    ]
    times = (one.created_at, one.updated_at, one.turns[0].created_at)
    later = "2026-01-01T12:10:00+00:00"
    assert [time.isoformat() for time in times if time] == [NOON, later, NOON]
    assert len(found) == 1 and "CANARY" not in repr(found)


def test_the_current_message_ends_the_thread_and_others_are_branches() -> None:
    assert laid_out(
        qwen_message("m1", "q"),
        qwen_message("m3", "other", "assistant", parentId="m1", timestamp=1767270000),
        qwen_message("m2", "chosen", "assistant", parentId="m1"),
    ) == [("q", 0, 0), ("chosen", 0, 1), ("other", 1, 1)]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"text": " a "}, ["a"]),
        ({"text": [{"type": "text", "text": "a"}, {"type": "image"}]}, ["a\n\n[image]"]),
        ({"text": [{"text": "a"}, {"image": "CANARY"}]}, ["a\n\n[image]"]),
        ({"text": "whole", "content_list": []}, ["whole"]),
        (
            {
                "text": "CANARY",
                "content_list": [
                    {"phase": "web_search", "content": "CANARY"},
                    {"phase": "answer", "content": "a"},
                    {"phase": None, "content": "b"},
                ],
            },
            ["a\n\nb"],
        ),
        ({"text": "", "content_list": [{"phase": "image_gen", "content": "CANARY"}]}, ["[image]"]),
        ({"text": None, "content_list": [{"phase": "think", "content": "CANARY"}]}, []),
        ({"text": "a", "files": [{"name": "x.pdf", "url": "CANARY"}]}, ["a\n\n[file: x.pdf]"]),
    ],
)
def test_what_a_message_says(message: Json, found: list[str]) -> None:
    assert said(**message) == found


@pytest.mark.parametrize("role", ["system", "tool", "function"])
def test_what_is_not_shown_is_hidden(role: str) -> None:
    (turn,) = turns(read(qwen(qwen_chat(messages=[qwen_message("m1", "x", role)]))))
    assert turn.hidden


@pytest.mark.parametrize(
    "broken", [5, None, [], {}, qwen_message("x", role="robot"), qwen_message("x", 5)]
)
def test_a_broken_message_is_reported_and_the_chat_goes_on(broken: Any) -> None:
    chat = qwen_chat()
    chat["chat"]["history"]["messages"]["m3"] = broken
    found = read(qwen(chat))
    assert [(turn.text, turn.branch) for turn in turns(found)] == [("hello", 0), ("hi", 0)]
    assert [one.where for one in problems(found)] == [f"{NAME}, entry 1, message 3"]


@pytest.mark.parametrize(
    "broken",
    [{"files": 5}, {"files": [5]}, {"content_list": [{"phase": "song"}]}, {"content_list": [5]}],
)
def test_a_broken_part_does_not_cost_the_words(broken: Json) -> None:
    found = read(qwen(qwen_chat(messages=[qwen_message("m1", "words", **broken)])))
    assert [turn.text for turn in turns(found)] == ["words"]
    assert len(problems(found)) == 1


@pytest.mark.parametrize("broken", [5, None, {}, {"id": "b"}, {"id": "b", "chat": {"history": {}}}])
def test_broken_chats_cost_only_themselves(broken: Any) -> None:
    found = read(qwen(qwen_chat("a"), broken, qwen_chat("c")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert [one.where for one in problems(found)] == [f"{NAME}, entry 2"]


def test_the_account() -> None:
    with opened(qwen(qwen_chat(user_id="u1"), qwen_chat("c2"))) as files:
        assert recognised(files).account(files) == "u1"
    with opened(qwen(qwen_chat())) as files:
        assert recognised(files).account(files) == ""
    two = qwen(qwen_chat(user_id="u1"), qwen_chat("c2", user_id="u2"))
    with opened(two) as files, pytest.raises(ArchiveError, match="more than one Qwen account"):
        recognised(files).account(files)


OUTER = {"success": True, "request_id": "r1"}


@pytest.mark.parametrize(
    "content",
    [[qwen_chat()], {"data": [qwen_chat()]}, {**OUTER, "data": qwen_chat()}, {**OUTER, "data": []}],
)
def test_the_same_trees_in_another_shape_are_not_taken(content: Any) -> None:
    """Open WebUI's export is a bare list of them."""
    with opened({NAME: content}) as files:
        assert not archives()["qwen"].recognise(files)


def test_an_export_is_known_by_what_is_in_it() -> None:
    with opened({"x/y.txt": {"request_id": "r1", "success": True, "data": [qwen_chat()]}}) as files:
        assert recognised(files).vendor == "qwen"
