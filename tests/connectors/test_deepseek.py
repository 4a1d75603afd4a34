"""DeepSeek exports: who speaks is told by fragments, and what follows what by the tree alone."""

from typing import Any

import pytest

from connectors.base.errors import ArchiveError
from connectors.base.registry import archives
from tests.connectors.assistants import deepseek, deepseek_chat, deepseek_node, fragment
from tests.connectors.shapes import (
    Json,
    chat,
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

NOON = "2026-01-01T12:00:00+00:00"


def laid_out(*nodes: Json) -> list[tuple[str, str, int, int]]:
    found = turns(read(deepseek(deepseek_chat(nodes=nodes))))
    return [(turn.role, turn.text, turn.branch, turn.position) for turn in found]


def said(*fragments: Any, **message: Any) -> list[str]:
    found = read(deepseek(deepseek_chat(nodes=[deepseek_node("1", None, *fragments, **message)])))
    assert problems(found) == []
    return [turn.text for turn in turns(found)]


def test_a_plain_conversation() -> None:
    found = read(deepseek(deepseek_chat()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.message_id, t.role, t.text, t.parent_id, t.model) for t in one.turns] == [
        ("c1/1", "user", "hello", "", ""),
        ("c1/2", "assistant", "hi", "c1/1", "deepseek-chat"),
    ]
    times = (one.created_at, one.updated_at, one.turns[0].created_at)
    later = "2026-01-01T12:10:00+00:00"
    assert [time.isoformat() for time in times if time] == [NOON, later, NOON]
    assert len(found) == 1 and "CANARY" not in repr(found)


def test_an_answer_stamped_before_its_question_comes_after_it() -> None:
    early = "2026-01-01T19:59:59.000000+08:00"
    assert laid_out(
        deepseek_node("2", "1", fragment("RESPONSE", "hi"), inserted_at=early),
        deepseek_node("1", "root", fragment("REQUEST", "hello")),
    ) == [("user", "hello", 0, 0), ("assistant", "hi", 0, 1)]


def test_without_a_current_node_the_newest_leaf_ends_the_thread() -> None:
    later = "2026-01-01T20:05:00.000000+08:00"
    assert laid_out(
        deepseek_node("1", "root", fragment("REQUEST", "q")),
        deepseek_node("2", "1", fragment("RESPONSE", "chosen"), inserted_at=later),
        deepseek_node("3", "1", fragment("RESPONSE", "other")),
    ) == [("user", "q", 0, 0), ("assistant", "chosen", 0, 1), ("assistant", "other", 1, 1)]


@pytest.mark.parametrize(
    ("fragments", "message", "found"),
    [
        ([fragment("REQUEST", " a "), fragment("REQUEST", "b")], {}, ["a\n\nb"]),
        ([fragment("response", "a")], {}, ["a"]),
        ([fragment("THINK", "CANARY"), fragment("SEARCH", "CANARY")], {}, []),
        ([fragment("TOOL_SEARCH", "x"), fragment("RESPONSE", "a")], {}, ["a"]),
        ([fragment("RESPONSE", None)], {}, []),
        ([fragment("REQUEST", "a")], {"files": [{"file_name": "x.pdf"}]}, ["a\n\n[file: x.pdf]"]),
        ([fragment("FILE", None)], {"files": ["cat.PNG"]}, ["[file]\n\n[image: cat.PNG]"]),
    ],
)
def test_what_fragments_say(fragments: list[Json], message: Json, found: list[str]) -> None:
    assert said(*fragments, **message) == found


@pytest.mark.parametrize(
    "broken",
    [
        {"fragments": None},
        {"fragments": "text"},
        {"fragments": [fragment("REQUEST"), fragment("RESPONSE")]},
    ],
)
def test_a_broken_message_is_reported_and_the_thread_goes_on(broken: Json) -> None:
    nodes = [
        deepseek_node("1", "root", fragment("REQUEST", "a")),
        deepseek_node("2", "1") | {"message": {"model": "x", **broken}},
        deepseek_node("3", "2", fragment("REQUEST", "b")),
    ]
    found = read(deepseek(deepseek_chat(nodes=nodes)))
    assert [(turn.text, turn.branch, turn.position) for turn in turns(found)] == [
        ("a", 0, 0),
        ("b", 0, 1),
    ]
    assert [one.where for one in problems(found)] == ["conversations.json, entry 1, message 2"]


@pytest.mark.parametrize("part", [5, None, fragment("SONG", "CANARY"), fragment("REQUEST", 5)])
def test_a_broken_part_does_not_cost_the_words(part: Any) -> None:
    nodes = [deepseek_node("1", None, fragment("REQUEST", "words"), part)]
    found = read(deepseek(deepseek_chat(nodes=nodes)))
    assert [turn.text for turn in turns(found)] == ["words"]
    assert len(problems(found)) == 1 and "CANARY" not in repr(problems(found))


def test_a_place_never_says_what_was_said() -> None:
    nodes = [deepseek_node("CANARY", None) | {"message": 5}, deepseek_node("2", None)]
    found = read(deepseek(deepseek_chat(nodes=nodes)))
    assert len(problems(found)) == 1 and "CANARY" not in repr(problems(found))


@pytest.mark.parametrize("broken", [5, None, {}, {"id": "b"}, deepseek_chat() | {"mapping": []}])
def test_broken_conversations_cost_only_themselves(broken: Any) -> None:
    found = read(deepseek(deepseek_chat("a"), broken, deepseek_chat("c")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert [one.where for one in problems(found)] == ["conversations.json, entry 2"]


def test_chatgpt_s_conversations_are_not_taken_nor_ours_by_its_reader() -> None:
    readers = archives()
    for content in ([chat()], [chat(current_node=None)]):
        with opened({"conversations.json": content}) as files:
            assert not readers["deepseek"].recognise(files)
    with opened(deepseek(deepseek_chat())) as files:
        assert not readers["openai"].recognise(files)
        assert recognised(files).vendor == "deepseek"


def test_the_account() -> None:
    with opened(deepseek(deepseek_chat())) as files:
        assert recognised(files).account(files) == "account-1"
    other = {"conversations.json": [deepseek_chat("c2")], "user.json": {"user_id": "account-2"}}
    with (
        opened(deepseek(deepseek_chat()), upload(other, "b.zip")) as files,
        pytest.raises(ArchiveError, match="more than one DeepSeek account"),
    ):
        recognised(files).account(files)


def test_what_is_not_known_beside_the_export_is_named() -> None:
    found = read({**deepseek(deepseek_chat()), "more.json": {"a": 1}})
    assert [one.where for one in problems(found)] == ["more.json"]
