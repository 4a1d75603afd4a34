"""Examples to train with: questions and answers as they were, each on its own side for good."""

import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.base.handoff import Handout, Slice
from connectors.base.registry import handoffs
from connectors.base.types import Conversation, Turn
from tests.connectors.shapes import calmly
from tests.connectors.slices import NOW, Talks, cut, files, held, talk

TRAINING = handoffs()["satchel-training"]


def examples(made: Handout, name: str = "train.jsonl") -> list[Any]:
    found = [json.loads(line) for line in files(made).get(name, "").split("\n") if line]
    assert all(one.keys() == {"messages"} for one in found)
    return [one["messages"] for one in found]


def messages(*texts: str) -> list[dict[str, str]]:
    return [
        {"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(texts)
    ]


def test_a_conversation_is_one_line() -> None:
    made = cut(TRAINING, (), [talk("c", "asked\nin two lines", 'told "so"')], held_out="0")
    assert examples(made) == [messages("asked\nin two lines", 'told "so"')]
    assert files(made)["train.jsonl"].count("\n") == 1


def test_only_the_thread_last_seen_without_what_was_hidden() -> None:
    talked = talk("c", "one", "two", "three", "four")
    hidden = replace(talked.turns[2], hidden=True)
    other = Turn("x", "user", "other branch", 2, branch=1, parent_id="c-1")
    tool = Turn("z", "tool", "result", 9)
    turns = (*talked.turns[:2], hidden, talked.turns[3], other, tool)
    made = cut(TRAINING, (), [replace(talked, turns=turns)], held_out="0")
    assert examples(made) == [messages("one", "two\n\nfour")]


def test_from_the_first_question_to_the_last_answer() -> None:
    greeting = Turn("g", "assistant", "welcome", 0)
    talked = talk("c", "asked", "told", "thanks")
    made = cut(TRAINING, (), [replace(talked, turns=(greeting, *talked.turns))], held_out="0")
    assert examples(made) == [messages("asked", "told")]


def test_what_has_no_answer_and_what_is_said_twice_is_left_out() -> None:
    talks = [talk("a", "asked"), talk("b", "asked", "told"), talk("c", "asked", " told"), talk("d")]
    made = cut(TRAINING, (), talks, held_out="0")
    assert made.kept == ("b",)
    assert sorted(made.left_out.values()) == [1, 1, 1]


def test_sides_are_told_by_the_id_alone() -> None:
    made = cut(TRAINING, (), Talks(400))
    train, out = examples(made), examples(made, "held_out.jsonl")
    assert len(train) + len(out) == 400
    assert 20 < len(out) < 70
    few = cut(TRAINING, (), [one for n, one in enumerate(Talks(400)) if n % 3 == 0])
    assert all(one in out for one in examples(few, "held_out.jsonl"))
    assert all(one in train for one in examples(few))
    larger = cut(TRAINING, (), Talks(400), held_out="200")
    assert all(one in examples(larger, "held_out.jsonl") for one in out)


def test_the_note_counts_and_says_whose_words_they_are() -> None:
    talks = [*Talks(60), talk("lonely", "asked")]
    answer = replace(talk("m", "q", "a").turns[1], model="gpt|5\n# x")
    talks.append(
        replace(talk("m", "q", "a"), turns=(talk("m", "q").turns[0], answer), inferred=True)
    )
    made = cut(TRAINING, (), talks)
    note = files(made)["README.md"]
    counts = [len(examples(made, name)) for name in ("train.jsonl", "held_out.jsonl")]
    told = re.findall(r"^\| `\w+\.jsonl` \| (\d+) conversations", note, re.M)
    assert [int(one) for one in told] == counts
    assert "121 messages are by the user, 121 by assistants" in note
    assert "1 (Nothing in it was asked and answered)" in note
    assert "| gpt\\|5 # x | 1 |" in note and "| not known | 120 |" in note
    assert "* 1 of them were put together by time" in note
    assert "Check the terms of each vendor" in note and "SHA-256" in note


def test_memories_are_no_examples() -> None:
    made = TRAINING.make(Slice([held("a" * 32, "Likes tea")], NOW))
    assert made.parts == () and sum(made.left_out.values()) == 1


@calmly
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["user", "assistant", "tool"]), st.text(max_size=20), st.booleans()
        ),
        max_size=8,
    )
)
def test_examples_always_take_turns(said: list[tuple[Any, str, bool]]) -> None:
    turns = tuple(
        Turn(str(n), role, text, n, hidden=hidden) for n, (role, text, hidden) in enumerate(said)
    )
    made = cut(TRAINING, (), [Conversation("c", "", turns)], held_out="0")
    for one in examples(made):
        roles = [message["role"] for message in one]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert all(message["content"].strip() for message in one)
    assert len(made.kept) + sum(made.left_out.values()) == 1


def test_conversations_are_read_as_they_are_written() -> None:
    """Of many conversations there is one at a time in memory, in each of the readings."""
    alive: list[int] = []

    class Counted(Talks):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for one in super().__iter__():
                alive.append(1)
                yield one

    made = cut(TRAINING, (), Counted(50), held_out="0")
    assert len(alive) == 50
    lines = made.parts[0].pieces()
    next(lines)
    assert len(alive) == 51
