"""Conversations as examples to train a model with: one line each, on one of two sides."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from connectors.base.handing.harmless import short
from connectors.base.handing.spoken import NOTHING_SAID, thread, whole
from connectors.base.types import Conversation, Turn

NO_ANSWER = "Nothing in it was asked and answered."
REPEATED = "Another conversation says the same."
_SIDES = 1_000


@dataclass(slots=True)
class Count:
    """What one reading of the conversations found: what goes where, and what is in it."""

    sides: dict[str, bool] = field(default_factory=dict)
    """By the id of each conversation that goes along, whether it is held out."""
    left_out: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    inferred: int = 0

    def held_out(self) -> int:
        return sum(self.sides.values())


def counted(talks: Iterable[Conversation], share: int) -> Count:
    """One reading of `talks`, of which `share` in a thousand are held out."""
    count, seen = Count(), set[bytes]()
    for talk in talks:
        turns = answered(talk)
        reason = "" if turns else NO_ANSWER if thread(talk) else NOTHING_SAID
        same = sha256(line(turns).encode()).digest()
        if reason or same in seen or talk.conversation_id in count.sides:
            count.left_out[reason or REPEATED] += 1
            continue
        seen.add(same)
        count.sides[talk.conversation_id] = is_held_out(talk.conversation_id, share)
        count.inferred += talk.inferred
        count.turns.update(turn.role for turn in turns)
        count.models.update(_model(turn) for turn in turns if turn.role == "assistant")
    return count


def lines(talks: Iterable[Conversation], count: Count, held_out: bool) -> Iterator[str]:
    """The lines of one side, in the order of `talks`; each conversation once."""
    left = {name for name, side in count.sides.items() if side == held_out}
    for talk in talks:
        if talk.conversation_id in left and (turns := answered(talk)):
            left.discard(talk.conversation_id)
            yield line(turns) + "\n"


def is_held_out(conversation_id: str, share: int) -> bool:
    """The same for the same conversation, in every hand-off and on every machine."""
    digest = sha256(conversation_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % _SIDES < share


def answered(talk: Conversation) -> list[Turn]:
    """The thread last seen from the first question to the last answer; [] without either."""
    if talk.do_not_remember:
        return []
    turns = thread(talk)
    asked = [number for number, turn in enumerate(turns) if turn.role == "user"]
    told = [number for number, turn in enumerate(turns) if turn.role == "assistant"]
    return turns[asked[0] : told[-1] + 1] if asked and told and told[-1] > asked[0] else []


def line(turns: list[Turn]) -> str:
    """One example. What the same side said twice in a row is one message: trainers want turns."""
    messages: list[dict[str, str]] = []
    for turn in turns:
        text = whole(turn.text).strip()
        if messages and messages[-1]["role"] == turn.role:
            messages[-1]["content"] += f"\n\n{text}"
        else:
            messages.append({"role": turn.role, "content": text})
    return json.dumps({"messages": messages}, ensure_ascii=False)


def _model(turn: Turn) -> str:
    return short(turn.model, 80) or "not known"
