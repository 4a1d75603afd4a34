"""Examples to train an open model with: chats, and a note on whose words they are."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from connectors.base.handing.notes import merged
from connectors.base.handoff import Choice, Handoff, Handout, Part, Slice
from connectors.satchel.examples import Count, counted, lines

_SHARE = Choice(
    "held_out",
    "How much is kept to test with",
    (("100", "One in ten"), ("50", "One in twenty"), ("200", "One in five"), ("0", "Nothing")),
    help="A conversation is on the same side in every hand-off.",
)
_NOTE = """\
# Conversations to train a model with

Made by Satchel on {day}, from conversations that the owner of the vault chose.

| File | What it holds |
|---|---|
| `train.jsonl` | {train} conversations |
| `held_out.jsonl` | {held_out} conversations, never to be trained with |

One conversation a line: `{{"messages": [{{"role": "user", "content": "..."}}, ...]}}`. {asked} \
messages are by the user, {answered} by assistants.

## How it was made

* Only the thread last seen of each conversation, without hidden messages, from its first question \
to its last answer. What one side said twice in a row is one message.
* Conversations that say the same are in it once.
* Held out are {share} of 1,000 values of a SHA-256 hash of the conversation's id: the same \
conversation is on the same side every time.
* Left out: {left_out}.
* {inferred} of them were put together by time: their vendor keeps no conversations.

## Whose words these are

* The user's messages are the owner's own words, and whatever they pasted. Others may be named in \
them. Nothing was made anonymous.
* The answers were written by the models below. Check the terms of each vendor on training with \
what its models wrote, before you train and before you give away a model or these files.
* No licence is given here: that is for the owner to decide.

| Model | Answers |
|---|---|
{models}
"""


class Training(Handoff):
    name = "Examples to train a model of your own"
    group = "own"
    form = "zip"
    takes = "conversations"
    choices: ClassVar[tuple[Choice, ...]] = (_SHARE,)
    steps = (
        "Unpack the zip where nobody else can read it: these are your conversations as they were.",
        "Read README.md, and check the terms of the vendors whose models wrote the answers.",
        "Give train.jsonl to your trainer as chat messages, and held_out.jsonl to its evaluation.",
        "To check, compare the numbers of conversations it reports with those in README.md.",
    )
    limits = (
        "No limit. The form is the one of chat messages, which common trainers of open models "
        "read; what a trainer takes in one example is its own setting."
    )
    sure = "documented"
    source = "https://huggingface.co/docs/trl/dataset_formats"

    def make(self, slice: Slice) -> Handout:
        share = int(_SHARE.answer(slice.options))
        count = counted(slice.conversations, share)
        left_out = merged(count.left_out, _memories(slice))
        if not count.sides:
            return Handout((), (), left_out)
        parts = [
            Part(name, stream=partial(lines, slice.conversations, count, side))
            for name, side in (("train.jsonl", False), ("held_out.jsonl", True))
            if side in count.sides.values()
        ]
        note = Part("README.md", _note(slice, count, share))
        lost = ("Other branches, hidden messages, times, titles and ids stay behind.",)
        return Handout((*parts, note), tuple(count.sides), left_out, lost)


def _memories(slice: Slice) -> Counter[str]:
    return Counter({"It is a memory: examples are made of whole conversations.": len(slice.held)})


def _note(slice: Slice, count: Count, share: int) -> str:
    return _NOTE.format(
        day=slice.now.date(),
        train=f"{len(count.sides) - count.held_out():,}",
        held_out=f"{count.held_out():,}",
        asked=f"{count.turns['user']:,}",
        answered=f"{count.turns['assistant']:,}",
        share=share,
        left_out=_reasons(count.left_out),
        inferred=f"{count.inferred:,}",
        models="\n".join(f"| {_cell(name)} | {n:,} |" for name, n in count.models.most_common()),
    )


def _reasons(left_out: Mapping[str, int]) -> str:
    found = [f"{n:,} ({why.rstrip('.')})" for why, n in sorted(left_out.items())]
    return "; ".join(found) or "none"


def _cell(name: str) -> str:
    return name.replace("|", "\\|")
