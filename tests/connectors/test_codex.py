"""Codex's files: what was said in its sessions, what it remembers, and nothing of its tools."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.agent_files import (
    NOON,
    SECRET,
    Json,
    codex,
    codex_meta,
    codex_said,
    codex_session,
    lined,
)
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import (
    calmly,
    chat,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
)

FOLDER = ".codex/sessions/2026/02/01"


def export(*entries: Any, name: str = "rollout-1.jsonl", **more: Any) -> dict[str, Any]:
    return {f"{FOLDER}/{name}": lined(entries), **more}


def said(*entries: Any) -> list[tuple[str, str, int]]:
    found = turns(read(export(codex_meta(), *entries)))
    return [(turn.role, turn.text, turn.branch) for turn in found]


def test_a_session() -> None:
    found = read(export(*codex_session()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("r1", "Make the tests pass.")
    assert [(t.role, t.text, t.position, t.model) for t in one.turns] == [
        ("user", "Make the tests pass.", 0, ""),
        ("assistant", "They pass.", 1, "gpt-5.4"),
    ]
    assert str(one.created_at) == str(one.updated_at) == "2026-02-01 12:00:00+00:00"
    assert len(found) == 1 and SECRET not in repr(found)


def test_the_form_before_the_summer_of_2025() -> None:
    def bare(entry: Json) -> Json:
        payload: Json = entry["payload"]
        return payload

    head: Json = {"id": "r0", "timestamp": NOON, "instructions": SECRET, "git": {}}
    called = {"type": "function_call", "name": "shell", "arguments": SECRET, "call_id": "c"}
    asked, answered = bare(codex_said("user", "Hi")), bare(codex_said("assistant", "Hello"))
    found = read(export(head, {"record_type": "state"}, asked, called, answered))
    (one,) = conversations(found)
    assert (one.conversation_id, [turn.text for turn in one.turns]) == ("r0", ["Hi", "Hello"])
    assert len(found) == 1 and SECRET not in repr(found)


@pytest.mark.parametrize(
    ("given_text", "text"),
    [
        ("plain <b>", "plain <b>"),
        ("# Context from my IDE setup:\nCANARY\n## My request for Codex:\nFix it.\n", "Fix it."),
        ("<environment_context>CANARY</environment_context>\nGo", "Go"),
        ("What is <environment_context>?", "What is <environment_context>?"),
    ],
)
def test_the_person_s_own_words(given_text: str, text: str) -> None:
    assert said(codex_said("user", given_text)) == [("user", text, 0)]


@pytest.mark.parametrize(
    "entry",
    [
        codex_said("system", SECRET),
        codex_said("user", f"<user_shell_command>{SECRET}</user_shell_command>"),
        codex_said("user", f"<turn_aborted>{SECRET}</turn_aborted>"),
        codex_said("user", f"<subagent_notification>{SECRET}</subagent_notification>"),
        codex_said("user", f"# AGENTS.md instructions for /x\n{SECRET}"),
        codex("compacted", {"message": SECRET, "replacement_history": [{"text": SECRET}]}),
        codex("response_item", {"type": "web_search_call", "action": {"query": SECRET}}),
        codex("event_msg", {"type": "exec_command_end", "stdout": SECRET}),
    ],
)
def test_what_the_program_says_is_nobody_s(entry: Json) -> None:
    found = read(export(codex_meta(), entry))
    assert conversations(found) == [] and problems(found) == [] and SECRET not in repr(found)


def test_turns_that_were_taken_back_are_a_branch() -> None:
    back = codex("event_msg", {"type": "thread_rolled_back", "num_turns": 1})
    wrong = [codex_said("user", "Wrong"), codex_said("assistant", "Hm"), back]
    found = said(codex_said("user", "First"), codex_said("assistant", "Yes"), *wrong)
    assert found == [
        ("user", "First", 0),
        ("assistant", "Yes", 0),
        ("user", "Wrong", 1),
        ("assistant", "Hm", 1),
    ]
    right = said(codex_said("user", "First"), *wrong, codex_said("user", "Right"))
    assert [(text, branch) for _, text, branch in right] == [
        ("First", 0),
        ("Right", 0),
        ("Wrong", 1),
        ("Hm", 1),
    ]


def test_sessions_among_agents_are_not_the_person_s() -> None:
    meta = codex_meta(source={"subagent": {"thread_spawn": {"depth": 1}}})
    assert conversations(read(export(meta, codex_said("user", SECRET)))) == []


def test_a_fork_keeps_its_own_id() -> None:
    found = read(export(codex_meta("new", forked_from_id="r1"), *codex_session("r1")))
    assert [one.conversation_id for one in conversations(found)] == ["new"]


def test_titles_come_from_the_index() -> None:
    index = lined([{"id": "r1", "thread_name": "Tests", "updated_at": NOON}])
    found = read({**export(*codex_session()), ".codex/session_index.jsonl": index})
    assert [one.title for one in conversations(found)] == ["Tests"] and len(found) == 1


def test_memories_and_rules() -> None:
    files = {
        ".codex/memories/MEMORY.md": "# Habits\n- Uses tabs\n- Uses tabs\n",
        ".codex/memories/memory_summary.md": "Works on a map of trees.\n",
        ".codex/memories/raw_memories.md": f"- {SECRET}\n",
        ".codex/AGENTS.md": "- Be brief\n",
    }
    found = read(files)
    assert [(one.text, one.kind, one.title) for one in items(found)] == [
        ("Uses tabs", "fact", "Habits"),
        ("Works on a map of trees.", "fact", ""),
        ("Be brief", "instruction", ""),
    ]
    assert [one.where for one in problems(found)] == ["Other files"]
    assert SECRET not in repr(found)


def test_a_grown_session_adds_what_is_new() -> None:
    before = codex_session()
    old = turns(read(export(*before)))
    new = turns(read(export(*before, codex_said("user", "Thanks."))))
    assert new[: len(old)] == old and [turn.text for turn in new[len(old) :]] == ["Thanks."]


def test_the_same_session_twice_is_read_once() -> None:
    found = read(export(*codex_session()), export(*codex_session()))
    assert len(conversations(found)) == 1


def test_a_chatgpt_export_is_another_reader_s() -> None:
    with opened({"conversations.json": [chat()]}) as files:
        assert recognised(files).what == "ChatGPT data export"


ENTRY = st.sampled_from(["said", "tool", "event", "broken", "odd", "unknown"])


def entry(kind: str, number: int) -> Any:
    called = {"type": "function_call_output", "call_id": "c", "output": SECRET}
    odd = {"type": "message", "role": "user", "content": [{"type": "hologram"}]}
    made = {
        "said": codex_said("user", f"said {number}"),
        "tool": codex("response_item", called),
        "event": codex("event_msg", {"type": "token_count"}),
        "broken": '{"type": "response_item", ',
        "odd": codex("response_item", odd),
        "unknown": codex("new_kind", {"text": SECRET}),
    }
    return made[kind]


@calmly
@given(st.lists(ENTRY, max_size=30))
def test_every_line_is_read_passed_over_or_told(kinds: list[str]) -> None:
    """Total: the lines after the first. Told are broken lines each, unknown ones as a number."""
    entries = [entry(kind, number) for number, kind in enumerate(kinds)]
    found = read(export(codex_meta(), *entries))
    told = [one.reason for one in problems(found)]
    unknown = sum(int(one.split()[0]) for one in told if "of kinds that are not known" in one)
    each = [one for one in told if "of kinds that are not known" not in one]
    passed_over = kinds.count("tool") + kinds.count("event")
    assert len(turns(found)) + passed_over + len(each) + unknown == len(kinds)
    assert SECRET not in repr(found)


@calmly
@given(mutilated(codex_session()[1:]))
def test_no_mutilation_makes_it_fail_or_waver(entries: Any) -> None:
    sound = codex_said("user", "sound")
    broken = [codex_meta(), sound, *(entries if isinstance(entries, list) else [entries])]
    first, again = read(export(*broken)), read(export(*broken))
    assert first == again and "sound" in [turn.text for turn in turns(first)]
