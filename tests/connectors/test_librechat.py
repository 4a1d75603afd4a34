"""LibreChat exports: a conversation as a list or as a tree, with its branches."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import archives, recognise
from tests.connectors.mutilated import JUNK, mutilated
from tests.connectors.shapes import (
    Json,
    calmly,
    chat,
    claude_chat,
    conversations,
    opened,
    problems,
    read,
    turns,
    upload,
)

NO_PARENT = "00000000-0000-0000-0000-000000000000"
NOON = "2026-01-01T12:00:00.000Z"


def message(name: str, parent: str, text: str, **more: Any) -> Json:
    by_person = name.startswith("u")
    held = {"messageId": name, "parentMessageId": parent, "conversationId": "c1", "text": text}
    held |= {"isCreatedByUser": by_person, "sender": "User" if by_person else "GPT"}
    return {**held, "error": False, "unfinished": False, "createdAt": NOON, **more}


def three() -> list[Json]:
    return [
        message("u1", NO_PARENT, "Hello"),
        message("a1", "u1", "Hi", model="gpt-5"),
        message("a2", "u1", "Hey", model="gpt-5", createdAt="2026-01-01T12:05:00Z"),
    ]


def talk(messages: Any = None, *, tree: Any = None, **more: Any) -> Json:
    head = {"conversationId": "c1", "endpoint": "openAI", "title": "A talk"}
    head |= {"exportAt": "12:00:00 GMT+0000", "branches": True, "recursive": tree is not None}
    if tree is not None:
        return {**head, "messagesTree": tree, **more}
    return {**head, "messages": three() if messages is None else messages, **more}


def nested(depth: int) -> list[Json]:
    inner: list[Json] = []
    for number in reversed(range(depth)):
        kind = "u" if number % 2 == 0 else "a"
        inner = [message(f"{kind}{number}", "", f"{number}", children=inner)]
    return inner


def test_a_list_with_branches() -> None:
    found = read({"a.json": talk()})
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.role, t.text, t.branch, t.model, t.parent_id) for t in one.turns] == [
        ("user", "Hello", 0, "", ""),
        ("assistant", "Hey", 0, "gpt-5", "u1"),
        ("assistant", "Hi", 1, "gpt-5", "u1"),
    ]
    assert str(one.created_at) == "2026-01-01 12:00:00+00:00"
    assert str(one.updated_at) == "2026-01-01 12:05:00+00:00"
    assert len(found) == 1


def test_a_tree_says_the_same_as_the_list() -> None:
    first, *answers = three()
    tree = [{**first, "children": [{**one, "children": []} for one in answers]}]
    assert read({"a.json": talk(tree=tree)}) == read({"a.json": talk()})


def test_without_parents_one_message_follows_the_other() -> None:
    bare = [{k: v for k, v in one.items() if k != "parentMessageId"} for one in three()]
    found = turns(read({"a.json": talk(bare)}))
    assert [(turn.text, turn.branch, turn.position) for turn in found] == [
        ("Hello", 0, 0),
        ("Hi", 0, 1),
        ("Hey", 0, 2),
    ]


def test_a_long_tree_is_read_and_one_that_is_too_long_says_what_to_do() -> None:
    found = read({"a.json": talk(tree=nested(300))})
    assert len(turns(found)) == 300 and problems(found) == []
    deep = json.dumps(talk(tree=[])).replace("[]", '[{"children":' * 5000 + "[]" + "}]" * 5000)
    (one,) = read(upload(deep.encode(), "a.json"))
    assert one == problems([one])[0] and "Recursive" in problems([one])[0].reason


def test_an_odd_letter_in_a_deep_tree_is_no_end() -> None:
    tree = nested(330)
    tree[0]["text"] = "\x00"
    found = read({"a.json": talk(tree=tree)})
    assert len(turns(found)) == 330 or "Recursive" in problems(found)[0].reason


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": {"value": "b"}}], "a\n\nb"),
        ([{"type": "think", "think": "CANARY"}, {"type": "text", "text": "a"}, None], "a"),
        (
            [{"type": "tool_call", "tool_call": {"output": "CANARY"}}, {"type": "image_file"}],
            "[image]",
        ),
        ([], "flat"),
    ],
)
def test_parts_of_a_message(content: Any, text: str) -> None:
    one = message("a1", NO_PARENT, "flat", content=content)
    assert [turn.text for turn in turns(read({"a.json": talk([one])}))] == [text]


def test_files_errors_and_strange_parts() -> None:
    files = [{"type": "image/png"}, {"type": "text/csv", "filename": "a.csv"}]
    entries = [
        message("u1", NO_PARENT, "see", files=files),
        message("a1", "u1", "CANARY", error=True),
        message("a2", "u1", "x", content=[{"type": "hologram"}]),
    ]
    found = read({"a.json": talk(entries)})
    assert [turn.text for turn in turns(found)] == ["see\n\n[image]\n\n[file: a.csv]"]
    assert [one.where for one in problems(found)] == ["a.json, message 3"]


def test_what_it_imports_from_others_stays_theirs() -> None:
    reader = archives()["librechat"]
    chatbot = {"version": 4, "history": [{"id": 1, "messages": []}]}
    for content in ([chat()], [claude_chat()], chatbot, {"conversationId": "c", "messages": []}):
        with opened({"a.json": content}) as files:
            assert not reader.recognise(files)


@pytest.mark.parametrize("name", ["conversations.json", "A talk.json", "x/y.txt"])
def test_it_is_known_by_what_is_in_it(name: str) -> None:
    with opened({name: talk()}) as files:
        found = recognise(files)
        assert found is not None and found.vendor == "librechat"


def test_several_files_and_the_same_twice() -> None:
    two = {"a.json": talk(), "b.json": talk(conversationId="c2"), "c.json": talk()}
    assert [one.conversation_id for one in conversations(read(two))] == ["c1", "c2"]
    grown = [*three(), message("u2", "a2", "Thanks.", createdAt="2026-01-02T12:00:00Z")]
    assert len(conversations(read({"a.json": talk(), "b.json": talk(grown)}))) == 2


@calmly
@given(st.lists(st.sampled_from(["said", "error", *JUNK]), max_size=12))
def test_every_message_is_read_passed_over_or_told(kinds: list[Any]) -> None:
    """Total: the messages of the list."""
    made = {"said": message("", "", "said"), "error": message("", "", "e", error=True)}
    entries = [made.get(kind, kind) if isinstance(kind, str) else kind for kind in kinds]
    found = read({"a.json": talk([message("u1", NO_PARENT, "first"), *entries])})
    assert len(turns(found)) + len(problems(found)) + kinds.count("error") == len(kinds) + 1


@calmly
@given(mutilated(talk()["messages"]), st.booleans())
def test_no_mutilation_makes_it_fail_or_waver(entries: Any, tree: bool) -> None:
    sound = message("u9", NO_PARENT, "sound")
    broken = [sound, *(entries if isinstance(entries, list) else [entries])]
    export = {"a.json": talk(tree=broken) if tree else talk(broken)}
    first, again = read(export), read(export)
    assert first == again and "sound" in [turn.text for turn in turns(first)]
