"""Letta's agent files: blocks and what was said in, two blocks within their limits out."""

import json
from typing import Any

import pytest
from hypothesis import given

from connectors.base.handoff import Held, Slice
from connectors.base.types import Item
from connectors.letta.handoff import LIMIT, LettaHandoff
from tests.connectors.formats import af, af_block, when
from tests.connectors.held import NOW, SLICES, at_length, made, packed
from tests.connectors.shapes import Json, conversations, items, problems, read, turns


def message(role: str, content: Any, **more: Any) -> Json:
    return {"id": "message-0", "role": role, "content": content, "created_at": when(1), **more}


def said(text: str) -> list[Json]:
    return [{"type": "text", "text": text}]


def blocks_of(slice: Slice) -> dict[str, str]:
    out = made(LettaHandoff(), slice)
    file = json.loads(packed(out)["memories.af"])
    assert [block["id"] for block in file["blocks"]] == file["agents"][0]["block_ids"]
    assert all(len(block["value"]) <= block["limit"] == LIMIT for block in file["blocks"])
    return {block["label"]: block["value"] for block in file["blocks"]}


@at_length
@given(SLICES)
def test_every_memory_is_a_line_of_one_of_the_two(slice: Slice) -> None:
    out = made(LettaHandoff(), slice)
    if out.parts:
        lines = [line for value in blocks_of(slice).values() for line in value.splitlines()]
        assert len(lines) == len(out.kept) and all(line.startswith("- ") for line in lines)


def test_the_most_important_that_fits_and_the_rest_counted() -> None:
    held = [Held(str(n), Item("x" * 4_998)) for n in range(5)]
    held += [Held("short", Item("y" * 4)), Held("rule", Item("Be brief", "instruction"))]
    out = LettaHandoff().make(Slice(held, NOW))
    assert out.kept == ("0", "1", "2", "short", "rule")
    assert out.left_out == {f'The block "human" is full: at most {LIMIT:,} characters.': 2}


def test_what_stands_where() -> None:
    held = [
        Held("a", Item("Likes tea,\nhot", "preference", title="Drinks")),
        Held("b", Item("Be brief", "instruction")),
    ]
    slice = Slice(held, NOW)
    assert blocks_of(slice) == {"human": "- Drinks: Likes tea, hot", "persona": "- Be brief"}
    assert len(LettaHandoff().make(slice).lost) == 2


def test_our_own_file_is_read() -> None:
    out = LettaHandoff().make(Slice([Held("a", Item("Likes tea"))], NOW))
    (item,) = items(read(packed(out)))
    assert (item.text, item.title, item.kind) == ("- Likes tea", "human", "profile")


def test_blocks_and_what_was_said() -> None:
    """Total: three blocks, one of them empty, and ten messages, of which six were said."""
    spoken = {"function": {"name": "send_message", "arguments": json.dumps({"message": "Sure."})}}
    other = {"function": {"name": "search", "arguments": "{}"}}
    wrapped = json.dumps({"type": "user_message", "message": "And milk?", "time": "x"})
    beat = json.dumps({"type": "heartbeat", "reason": "x", "time": "y"})
    export = af(
        [af_block(0, label="human"), af_block(1, label="persona", value=" "), af_block(2)],
        [
            message("system", said("You are Ada. SECRET PROMPT")),
            message("user", said("Tea?")),
            message("assistant", [{"type": "reasoning", "reasoning": "hm"}, *said("Yes.")]),
            message("user", wrapped),
            message("assistant", said("thinking"), tool_calls=[spoken]),
            message("assistant", said("thinking"), tool_calls=[other]),
            message("tool", said("result")),
            message("user", beat),
            message("user", '{"a": 1}'),
            message("robot", "x"),
        ],
    )
    found = read(export)
    human, topic = items(found)
    assert (human.kind, human.title, human.metadata["agent"]) == ("profile", "human", "Ada")
    assert (topic.kind, topic.title) == ("fact", "topic2")
    assert [(t.role, t.text) for t in turns(found)] == [
        *(("user", "Tea?"), ("assistant", "Yes."), ("user", "And milk?"), ("assistant", "Sure.")),
        ("user", '{"a": 1}'),
    ]
    assert [p.where for p in problems(found)] == ["ada.af, agent 1, message 10"]
    assert "SECRET" not in repr(found) and "KEY" not in repr(found)


def test_a_later_file_of_the_same_agent_adds_the_difference() -> None:
    """Only the last 50 messages are in a file, and their numbers begin anew in each."""
    first = [message("user", f"said {n}", created_at=when(n)) for n in range(3)]
    later = [message("user", f"said {n}", created_at=when(n)) for n in range(1, 5)]
    before = turns(read(af([af_block(1)], first)))
    after = turns(read(af([af_block(1)], later, name="Ada_copy")))
    new = {turn.message_id for turn in after} - {turn.message_id for turn in before}
    assert len(new) == 2
    (one,), (two,) = (conversations(read(af([af_block(1)], m))) for m in (first, later))
    assert one.conversation_id == two.conversation_id


@pytest.mark.parametrize("name", ["core_memory", "memory_blocks"])
def test_files_of_older_kinds(name: str) -> None:
    agent = {"agent_type": "memgpt_agent", "name": "Old", "core_memory": [], "messages": []}
    block = {"label": "human", "value": "Likes tea.", "limit": 5000}
    content = agent | {name: [block]}
    (item,) = items(read({"old.af": content if name == "core_memory" else {"agents": [content]}}))
    assert (item.text, item.kind) == ("Likes tea.", "profile")
