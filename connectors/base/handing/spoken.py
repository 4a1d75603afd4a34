"""What was said in a conversation and may go along: turns that people saw, without the rest.

Conversations that the person told a vendor not to use have no turns and never go along.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from connectors.base.types import Conversation, Turn

NOTHING_SAID = "Nothing in it can be shown: it is empty, or was not to be remembered."
FAMILY = UUID("5f0d7c5e-5f2e-4d6c-9a53-2a0f6f2b7f11")
_HALF = re.compile("[\ud800-\udfff]")
_SPEAKERS = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Said:
    """One turn as it goes along. `id` and `parent` are ours and tell nothing of the vendor's;
    `parent` is "" at the start."""

    id: str
    parent: str
    turn: Turn
    text: str


def said_in(conversation: Conversation) -> list[Said]:
    """Every turn that was seen, on all branches, each after its parent; what hung on a hidden turn
    hangs on the one before it. The order is that of the turns."""
    shown: dict[str, str] = {"": ""}  # by the vendor's id, the nearest turn that goes along
    found: list[Said] = []
    for number, turn in enumerate(conversation.turns):
        parent = shown.get(turn.parent_id, "")
        if not seen(turn):
            shown.setdefault(turn.message_id, parent)
            continue
        own = our_id(conversation.conversation_id, str(number), turn.message_id)
        found.append(Said(own, parent, turn, whole(turn.text).strip()))
        shown[turn.message_id] = own
    return found


def thread(conversation: Conversation) -> list[Turn]:
    """The turns of the branch last seen, in their order."""
    return [turn for turn in conversation.turns if turn.branch == 0 and seen(turn)]


def seen(turn: Turn) -> bool:
    """Whether a person saw it: something that they or an assistant said."""
    return not turn.hidden and turn.role in _SPEAKERS and bool(turn.text.strip())


def our_id(*names: str) -> str:
    """A UUID for what has these names: the same every time, and it tells nothing of them."""
    return str(uuid5(FAMILY, "\x1f".join(whole(name) for name in names)))


def whole(text: str) -> str:
    """`text` as UTF-8 can hold it: halves of signs become a question mark in a diamond."""
    return _HALF.sub("\ufffd", text)


def times(conversation: Conversation, now: datetime) -> tuple[datetime, datetime]:
    """When it began and when it was last changed, as far as anything tells; else `now`."""
    told = list(_told(conversation))
    return min(told, default=now), max(told, default=now)


def _told(conversation: Conversation) -> Iterator[datetime]:
    spoken = (turn.created_at for turn in conversation.turns)
    for when in (conversation.created_at, conversation.updated_at, *spoken):
        if when:
            yield when
