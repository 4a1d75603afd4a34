"""Gemini CLI's files: what was said in its sessions, in all its forms, and nothing of its tools."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import archives
from tests.connectors.agent_files import NOON, SECRET, Json, gemini_head, gemini_messages, lined
from tests.connectors.agent_files import gemini_said as message
from tests.connectors.mutilated import JUNK, mutilated
from tests.connectors.shapes import (
    activity,
    calmly,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
)

CHATS = ".gemini/tmp/abc/chats"
SETUP = {"role": "user", "parts": [{"text": "This is the Gemini CLI. We are setting up."}]}


def document(*messages: Any, **more: Any) -> dict[str, Any]:
    return {f"{CHATS}/session-1.json": gemini_head(messages=list(messages), **more)}


def changes(*entries: Any) -> dict[str, Any]:
    return {f"{CHATS}/session-1.jsonl": lined([gemini_head(), *entries])}


def said(export: dict[str, Any]) -> list[str]:
    return [turn.text for turn in turns(read(export))]


@pytest.mark.parametrize("export", [document(*gemini_messages()), changes(*gemini_messages())])
def test_a_session_in_either_form(export: dict[str, Any]) -> None:
    found = read(export)
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("g1", "Make the tests pass.")
    assert [(t.message_id, t.role, t.text, t.position, t.parent_id) for t in one.turns] == [
        ("m1", "user", "Make the tests pass.", 0, ""),
        ("m2", "assistant", "I look first.", 1, "m1"),
        ("m5", "assistant", "They pass.", 2, "m2"),
    ]
    assert [turn.model for turn in one.turns] == ["", "gemini-3-pro", "gemini-3-pro"]
    assert str(one.created_at) == "2026-02-01 12:00:00+00:00"
    assert str(one.updated_at) == "2026-02-01 12:30:00+00:00"
    assert len(found) == 1 and SECRET not in repr(found)


def test_a_message_that_comes_again_is_a_newer_copy_of_it() -> None:
    one, two = message("m1", "gemini", "They"), message("m1", "gemini", "They pass.")
    assert said(changes(one, two)) == ["They pass."]


def test_going_back_takes_away_what_followed() -> None:
    three = [message(f"m{n}", "user", f"{n}") for n in range(3)]
    assert said(changes(*three, {"$rewindTo": "m1"})) == ["0"]
    gone = {"$rewindTo": "not there"}
    assert said(changes(*three, gone, message("m9", "user", "9"))) == ["9"]


def test_changes_of_the_head_and_of_all_messages() -> None:
    new = {"$set": {"summary": "Tests", "messages": [message("n1", "user", "Anew")]}}
    (one,) = conversations(read(changes(message("m1", "user", "old"), new)))
    assert (one.title, [turn.text for turn in one.turns]) == ("Tests", ["Anew"])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        ({"text": "one part"}, "one part"),
        ([{"text": "a"}, "b", {"inlineData": {"data": "x"}}], "a\n\nb\n\n[file]"),
        (f"Look at @a.py\n--- Content from referenced files ---\n{SECRET}", "Look at @a.py"),
        ("<session_context>CANARY</session_context>\nGo", "Go"),
    ],
)
def test_the_person_s_own_words(content: Any, text: str) -> None:
    assert said(document(message("m1", "user", content))) == [text]


def test_what_was_shown_counts_where_more_was_sent() -> None:
    sent = message("m1", "user", [{"text": SECRET}], displayContent=[{"text": "Look at @a.py"}])
    assert said(document(sent)) == ["Look at @a.py"]


@pytest.mark.parametrize(
    "entry",
    [
        *(message("m1", kind, SECRET) for kind in ("info", "error", "warning")),
        message("m1", "user", f"/memory show {SECRET}"),
        message("m1", "user", f"<session_context>{SECRET}</session_context>"),
        message("m1", "user", f"This is the Gemini CLI. {SECRET}"),
        message("m1", "user", [{"functionResponse": {"output": SECRET}}]),
        message("m1", "gemini", [{"thought": True, "text": SECRET}]),
    ],
)
def test_what_the_program_says_is_nobody_s(entry: Json) -> None:
    assert read(document(entry)) == []


def test_what_its_helpers_were_told_is_not_the_person_s() -> None:
    assert read(document(message("m1", "user", SECRET), kind="subagent")) == []


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_saved_checkpoint(wrapped: bool) -> None:
    history = [
        SETUP,
        {"role": "model", "parts": [{"text": "Got it. Thanks for the context!"}]},
        {"role": "user", "parts": [{"text": "Hello"}]},
        {"role": "model", "parts": [{"functionCall": {"args": SECRET}}, {"text": "Hi"}]},
    ]
    held = {"history": history, "authType": "x"} if wrapped else history
    found = read({".gemini/tmp/abc/checkpoint-map.json": held})
    (one,) = conversations(found)
    assert (one.title, [turn.text for turn in one.turns]) == ("checkpoint-map", ["Hello", "Hi"])
    assert SECRET not in repr(found)


def test_a_history_that_the_program_did_not_begin_is_not_claimed() -> None:
    bare = [{"role": "user", "parts": [{"text": "Hello"}]}]
    with opened({"checkpoint-1.json": bare}) as files:
        assert not archives()["google-cli"].recognise(files)


def test_what_it_was_told_to_remember_is_a_fact_and_rules_are_rules() -> None:
    rules = "- Use tabs\n\n## Gemini Added Memories\n- Ana lives in Graz\n"
    found = read({**document(*gemini_messages()), ".gemini/GEMINI.md": rules})
    assert [(one.text, one.kind) for one in items(found)] == [
        ("Use tabs", "instruction"),
        ("Ana lives in Graz", "fact"),
    ]


def test_copies_at_calls_of_tools_are_not_read() -> None:
    copy = {".gemini/tmp/abc/checkpoints/1.json": {"history": [SETUP], "toolCall": SECRET}}
    found = read({**document(*gemini_messages()), **copy})
    assert len(conversations(found)) == 1
    assert [one.where for one in problems(found)] == ["Other files"]


def test_the_newer_of_two_forms_counts() -> None:
    later = gemini_head(lastUpdated="2026-03-01T12:00:00Z", messages=gemini_messages()[:1])
    both = {**document(*gemini_messages()), f"{CHATS}/session-1.jsonl": lined([later])}
    assert [len(one.turns) for one in conversations(read(both))] == [3, 1]


def test_a_takeout_is_another_reader_s() -> None:
    with opened({"My Activity.json": [activity("Prompted x", NOON, "y")]}) as files:
        assert recognised(files).what == "Gemini export from Google Takeout"


@calmly
@given(st.lists(st.sampled_from(["said", "info", "odd", *JUNK]), max_size=20))
def test_every_message_is_read_passed_over_or_told(kinds: list[Any]) -> None:
    """Total: the messages of the list."""
    made = {"info": message("", "info", SECRET), "odd": message("", "robot", "x")}
    sound = {**made, "said": message("", "user", "said")}
    entries = [sound.get(kind, kind) if isinstance(kind, str) else kind for kind in kinds]
    found = read(document(message("m0", "user", "first"), *entries))
    told = len(problems(found))
    assert len(turns(found)) + kinds.count("info") + told == len(kinds) + 1


@calmly
@given(mutilated([message("m0", "user", "x"), *gemini_messages()]), st.booleans())
def test_no_mutilation_makes_it_fail_or_waver(entries: Any, as_lines: bool) -> None:
    broken = [*(entries if isinstance(entries, list) else [entries]), message("z", "user", "sound")]
    export = changes(*broken) if as_lines else document(*broken)
    first, again = read(export), read(export)
    assert first == again and "sound" in [turn.text for turn in turns(first)]
