"""Claude Code's files: what was said in sessions, what it remembers, and nothing of its tools."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import archives
from tests.connectors.agent_files import NOON, SECRET, SLUG, Json, claude, claude_session, lined
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import (
    calmly,
    claude_chat,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

TOPIC = (
    "---\nname: tests\ndescription: how\ntype: feedback\n---\n\nRun the tests before a commit.\n"
)


def export(*entries: Any, name: str = "s1.jsonl", **more: Any) -> dict[str, Any]:
    return {f"{SLUG}/{name}": lined(entries), **more}


def said(*entries: Any) -> list[tuple[str, str, int]]:
    return [(turn.role, turn.text, turn.branch) for turn in turns(read(export(*entries)))]


def test_a_session() -> None:
    found = read(export(*claude_session()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("s1", "Make the tests pass.")
    assert [(t.role, t.text, t.position, t.parent_id, t.model) for t in one.turns] == [
        ("user", "Make the tests pass.", 0, "", ""),
        ("assistant", "I look first.", 1, "m1", "claude-opus-4-5"),
        ("assistant", "They pass.", 2, "m3", "claude-opus-4-5"),
    ]
    assert one.created_at == one.updated_at == one.turns[0].created_at
    assert str(one.created_at) == "2026-02-01 12:00:00+00:00"
    assert len(found) == 1 and SECRET not in repr(found)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        ("<system-reminder>CANARY</system-reminder>\nDo it.", "Do it."),
        ("<ide_opened_file>CANARY</ide_opened_file>Fix <b>this</b>", "Fix <b>this</b>"),
        ("What does <system-reminder> mean?", "What does <system-reminder> mean?"),
        ("<command-name>/review</command-name>\n<command-args>the diff</command-args>", "the diff"),
        ("<user-memory-input>Use tabs</user-memory-input>", "Use tabs"),
        ([{"type": "text", "text": "a"}, {"type": "image", "source": {}}], "a\n\n[image]"),
    ],
)
def test_the_person_s_own_words(content: Any, text: str) -> None:
    assert said(claude("user", "m1", None, content)) == [("user", text, 0)]


@pytest.mark.parametrize(
    "entry",
    [
        claude("user", "m1", None, f"<command-name>/clear{SECRET}</command-name>"),
        claude("user", "m1", None, f"<local-command-stdout>{SECRET}</local-command-stdout>"),
        claude("user", "m1", None, f"<bash-input>{SECRET}</bash-input>"),
        claude(
            "user", "m1", None, f"<bash-stdout>{SECRET}</bash-stdout><bash-stderr></bash-stderr>"
        ),
        claude("user", "m1", None, "[Request interrupted by user for tool use]"),
        claude("user", "m1", None, SECRET, isMeta=True),
        claude("user", "m1", None, SECRET, isCompactSummary=True),
        claude("user", "m1", None, SECRET, isVisibleInTranscriptOnly=True),
        claude("user", "m1", None, SECRET, isSidechain=True),
        claude("user", "m1", None, SECRET, origin={"kind": "task-notification"}),
        claude("assistant", "m1", None, [{"type": "text", "text": SECRET}], isApiErrorMessage=True),
        {**claude("system", "m1", None, ""), "subtype": "local_command", "content": SECRET},
        {**claude("progress", "m1", None, ""), "data": {"message": SECRET}},
    ],
)
def test_what_the_program_says_is_nobody_s(entry: Json) -> None:
    found = read(export(entry))
    assert conversations(found) == [] and problems(found) == [] and SECRET not in repr(found)


def test_what_was_typed_while_claude_was_at_work() -> None:
    queued = {"type": "queued_command", "prompt": "And the docs.", "commandMode": "prompt"}
    entry = {**claude("attachment", "m1", None, ""), "attachment": queued}
    hook = {"type": "hook_success", "content": SECRET}
    assert said(entry, {**claude("attachment", "m2", "m1", ""), "attachment": hook}) == [
        ("user", "And the docs.", 0)
    ]


def test_a_compaction_goes_on_where_it_left() -> None:
    boundary = {
        **claude("system", "b", None, ""),
        "subtype": "compact_boundary",
        "logicalParentUuid": "m6",
    }
    after = [
        boundary,
        claude("user", "c", "b", SECRET, isCompactSummary=True),
        claude("user", "m7", "c", "Go on."),
    ]
    (one,) = conversations(read(export(*claude_session(), *after)))
    assert [(turn.text, turn.branch, turn.parent_id) for turn in one.turns[-2:]] == [
        ("They pass.", 0, "m3"),
        ("Go on.", 0, "m6"),
    ]


def test_a_prompt_that_was_gone_back_on_is_another_branch() -> None:
    again = claude("user", "n1", "m3", "No, stop.")
    found = said(*claude_session(), again, claude("assistant", "n2", "n1", "Stopped."))
    assert [(text, branch) for _, text, branch in found] == [
        ("Make the tests pass.", 0),
        ("I look first.", 0),
        ("No, stop.", 0),
        ("Stopped.", 0),
        ("They pass.", 1),
    ]


def test_titles_of_other_sessions_are_not_this_one_s() -> None:
    notes: list[Json] = [
        {"type": "summary", "summary": "Another", "leafUuid": "elsewhere"},
        {"type": "summary", "summary": "Tests", "leafUuid": "m6"},
    ]
    session = claude_session()
    assert [c.title for c in conversations(read(export(*notes, *session)))] == ["Tests"]
    assert [c.title for c in conversations(read(export(notes[0], *session)))] == [
        "Make the tests pass."
    ]
    named = {"type": "custom-title", "customTitle": "My own", "sessionId": "s1"}
    assert [c.title for c in conversations(read(export(*notes, *session, named)))] == ["My own"]


def test_helpers_talk_is_not_the_person_s() -> None:
    told = claude("user", "h1", None, SECRET, isSidechain=True, agentId="a1")
    files = {
        f"{SLUG}/agent-a1.jsonl": lined([told]),
        f"{SLUG}/s1/subagents/agent-a2.jsonl": lined([claude("user", "h2", None, SECRET)]),
    }
    found = read(export(*claude_session(), **files))
    assert len(conversations(found)) == 1 and SECRET not in repr(found)


def test_memories() -> None:
    index = (
        "# Memory\n- [Tests](tests.md) — how to run them\n- Deploys on Fridays are off\n"
        "- [Gone](gone.md) is only told of here\n"
    )
    files = {f"{SLUG}/memory/MEMORY.md": index, f"{SLUG}/memory/tests.md": TOPIC}
    found = read(files)
    assert [(one.text, one.kind, one.title) for one in items(found)] == [
        ("Deploys on Fridays are off", "fact", "Memory"),
        ("[Gone](gone.md) is only told of here", "fact", "Memory"),
        ("Run the tests before a commit.", "instruction", "tests"),
    ]
    assert {one.metadata["project"] for one in items(found)} == {"-home-ana-app"}
    assert len(found) == 3


def test_memories_alone_are_known_by_their_front_matter() -> None:
    with opened({"memory/MEMORY.md": "- a", "memory/tests.md": TOPIC}) as files:
        assert recognised(files).what == "Claude Code sessions and memories"
    with opened({"memory/MEMORY.md": "- a", "memory/tests.md": "just notes"}) as files:
        assert not archives()["anthropic-code"].recognise(files)


def test_rules_beside_sessions_are_read_and_the_rest_is_counted() -> None:
    rules = {".claude/CLAUDE.md": "- Use tabs\n", ".claude/todos/1.json": [{"content": SECRET}]}
    plugin = {".claude/plugins/x/CLAUDE.md": "- Not the person's\n", ".claude/settings.json": {}}
    found = read(export(*claude_session(), **rules, **plugin))
    assert [(one.text, one.kind) for one in items(found)] == [("Use tabs", "instruction")]
    (one,) = problems(found)
    assert one.where == "Other files" and one.reason.startswith("3 more files are here.")


def test_a_grown_session_adds_what_is_new() -> None:
    before, grown = claude_session(), [*claude_session(), claude("user", "m7", "m6", "Thanks.")]
    old, new = turns(read(export(*before))), turns(read(export(*grown)))
    assert new[: len(old)] == old and [turn.text for turn in new[len(old) :]] == ["Thanks."]


def test_the_same_session_twice_is_read_once() -> None:
    found = read(export(*claude_session()), export(*claude_session()))
    assert len(conversations(found)) == 1
    two = read(export(*claude_session()), export(*claude_session("s2")))
    assert [one.conversation_id for one in conversations(two)] == ["s1", "s2"]


def test_a_claude_export_is_another_reader_s() -> None:
    with opened({"conversations.json": [claude_chat()]}) as files:
        assert recognised(files).what == "Claude data export"


ENTRY = st.sampled_from(["said", "tool", "note", "broken", "odd", "unknown"])


def entry(kind: str, number: int) -> Any:
    part = {"type": "tool_result", "tool_use_id": "t", "content": SECRET}
    name = f"m{number}"
    made = {
        "said": claude("user", name, None, f"said {number}"),
        "tool": claude("user", name, None, [part]),
        "note": {"type": "queue-operation", "operation": "dequeue", "sessionId": "s1"},
        "broken": '{"type": "user", "message": {',
        "odd": claude("user", name, None, [{"type": "hologram"}]),
        "unknown": {"type": "new-kind", "sessionId": "s1", "text": SECRET},
    }
    return made[kind]


@calmly
@given(st.lists(ENTRY, max_size=30))
def test_every_line_is_read_passed_over_or_told(kinds: list[str]) -> None:
    """Total: the lines. Read are turns, told are broken lines each and unknown ones as a number."""
    entries = [entry(kind, number) for number, kind in enumerate(kinds)]
    found = read(export(claude("user", "first", None, "first"), *entries))
    told = [one.reason for one in problems(found)]
    unknown = sum(int(one.split()[0]) for one in told if "of kinds that are not known" in one)
    each = [one for one in told if "of kinds that are not known" not in one]
    passed_over = kinds.count("tool") + kinds.count("note")
    assert len(turns(found)) + passed_over + len(each) + unknown == len(kinds) + 1
    assert SECRET not in repr(found)


@calmly
@given(mutilated(claude_session()))
def test_no_mutilation_makes_it_fail_or_waver(entries: Any) -> None:
    sound = claude("user", "sound", None, "sound")
    broken = [sound, *(entries if isinstance(entries, list) else [entries])]
    first, again = read(export(*broken)), read(export(*broken))
    assert first == again and "sound" in [turn.text for turn in turns(first)]


def test_a_session_of_one_line_alone() -> None:
    alone = json.dumps(claude("user", "m1", None, "Hello")).encode()
    assert [turn.text for turn in turns(read(upload(alone, "s1.jsonl")))] == ["Hello"]
    assert NOON[:4] == "2026"
