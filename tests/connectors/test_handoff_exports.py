"""Zips in the shape of vendors' exports: our own readers read them back, all of it."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from connectors.base.archive import Record
from connectors.base.handoff import Handout
from connectors.base.registry import handoffs
from connectors.base.types import Conversation, Turn
from tests.connectors.shapes import conversations, items, problems, read, zipped
from tests.connectors.slices import Talks, cut, files, held, many, talk
from tests.connectors.test_handoffs import HOSTILE, TONGUES

EXPORTS = ["openai-export", "anthropic-export"]
each = pytest.mark.parametrize("slug", EXPORTS)
both = pytest.mark.parametrize("slug", [*EXPORTS, "google-export"])


def back(made: Handout) -> list[Record]:
    return read(zipped(files(made)))


def seen(talks: list[Conversation]) -> list[list[tuple[str, str, int, int, datetime | None]]]:
    return [
        [(t.role, t.text, t.branch, t.position, t.created_at) for t in one.turns]
        for one in talks
        if one.turns
    ]


@each
def test_memories_and_conversations_come_back(slug: str) -> None:
    made = cut(
        handoffs()[slug], [one for one in many(600) if len(one.item.text) < 9_000], Talks(40)
    )
    records = back(made)
    assert problems(records) == []
    assert len(items(records)) + len(seen(conversations(records))) == len(made.kept)
    assert seen(conversations(records)) == seen(list(Talks(40)))
    assert [one.title for one in conversations(records) if one.turns] == [
        one.title for one in Talks(40)
    ]


@each
@pytest.mark.parametrize("text", [*HOSTILE, *TONGUES])
def test_whatever_a_memory_says_it_comes_back_as_one(slug: str, text: str) -> None:
    given = [held("a" * 32, "first"), held("b" * 32, text), held("c" * 32, "last")]
    read_back = items(back(cut(handoffs()[slug], given)))
    assert len(read_back) == 3
    assert [one.text for one in read_back][::2] == ["first", "last"]


@both
@pytest.mark.parametrize("text", [*HOSTILE, *TONGUES, "half of a sign \ud83d"])
def test_whatever_was_said_comes_back(slug: str, text: str) -> None:
    (one,) = conversations(back(cut(handoffs()[slug], (), [talk("c", text, "told")])))
    said = text.strip().replace("\ud83d", "\ufffd").replace("\x00", "\ufffd")
    assert [turn.text for turn in one.turns] == [said, "told"]


def branched() -> Conversation:
    """Two threads: a question that was changed, and a hidden turn on the way."""
    talked = talk("c", "one", "two", "three", "four")
    hidden = replace(talked.turns[1], hidden=True)
    other = Turn("x", "user", "three, changed", 2, branch=1, parent_id="c-1")
    answer = Turn("y", "assistant", "five", 3, branch=1, parent_id="x")
    return replace(talked, turns=(talked.turns[0], hidden, *talked.turns[2:], other, answer))


@both
def test_branches_come_back_and_hidden_turns_do_not(slug: str) -> None:
    (one,) = conversations(back(cut(handoffs()[slug], (), [branched()])))
    assert [(turn.text, turn.branch, turn.position) for turn in one.turns] == [
        ("one", 0, 0),
        ("three", 0, 1),
        ("four", 0, 2),
        ("three, changed", 1, 1),
        ("five", 1, 2),
    ]


@both
def test_ids_tell_nothing_and_are_the_same_every_time(slug: str) -> None:
    made, again = (cut(handoffs()[slug], (), [talk("secret-id", "a", "b")]) for _ in range(2))
    assert files(made) == files(again)
    assert all(
        "secret-id" not in text.replace("About secret-id", "") for text in files(made).values()
    )


def test_days_come_back_from_chatgpts_shape_and_kinds_from_claudes() -> None:
    one = held("a" * 32, "Answers in short", "instruction")
    (dated,) = items(back(cut(handoffs()["openai-export"], [one])))
    assert dated.created_at and dated.created_at.date() == one.item.created_at.date()  # type: ignore[union-attr]
    (kind,) = items(back(cut(handoffs()["anthropic-export"], [one])))
    assert kind.kind == "instruction"


@both
def test_conversations_are_written_one_by_one(slug: str) -> None:
    """The first pieces come before the last conversation was opened."""
    opened: list[int] = []

    class Watched(Talks):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for number, one in enumerate(super().__iter__()):
                opened.append(number)
                yield one

    made = cut(handoffs()[slug], (), Watched(30))
    opened.clear()
    (part,) = (one for one in made.parts if one.name == "conversations.json")
    pieces = part.pieces()
    next(pieces)
    assert opened == [0]
    assert len(list(pieces)) == 30
    assert len(json.loads("".join(part.pieces()))) == 30
