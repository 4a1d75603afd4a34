"""What was said, as conversations: from single memories of it, and those that came whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from connectors.base.handoff import Held, Slice
from connectors.base.types import Conversation, Role, Turn

_MOST = 5_000
_MOST_SAID = 64_000_000  # characters: all files of one hand-off are in memory at once


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, where it was had, and the ids that stand for it in our vault."""

    conversation: Conversation
    origin: str
    ids: tuple[str, ...]


def talks(slice: Slice) -> Iterator[Talk]:
    """Those that came whole are not told again by the memories of what was said in them."""
    told: set[str] = set()
    for whole in slice.conversations:
        told |= {turn.message_id for turn in whole.turns}
        yield Talk(whole, "", (whole.conversation_id,))
    yield from _grouped(one for one in spoken(slice) if one.id not in told)


def fitting(found: Iterable[Talk]) -> tuple[list[Talk], int]:
    """As many as one file takes, and how many more there are."""
    kept: list[Talk] = []
    said = left = 0
    for talk in found:
        size = sum(len(turn.text) for turn in talk.conversation.turns)
        if len(kept) == _MOST or said + size > _MOST_SAID:
            left += len(talk.ids)
        else:
            kept.append(talk)
            said += size
    return kept, left


def spoken(slice: Slice) -> list[Held]:
    return [held for held in slice.held if held.item.kind == "episode"]


def is_whole(held: Held, title: str) -> bool:
    """Whether a turn of a conversation holds all that there is of `held`."""
    item = held.item
    more = (held.collection, item.pinned, item.valid_from, item.valid_until, item.metadata)
    dated = item.updated_at is None or item.updated_at == item.created_at
    named = item.title == title and not item.message_id
    return not any(more) and held.confirmed and dated and named


def _grouped(held: Iterable[Held]) -> Iterator[Talk]:
    by_talk: dict[str, list[Held]] = {}
    for one in held:
        by_talk.setdefault(one.item.conversation_id or one.id, []).append(one)
    for name, lines in by_talk.items():
        yield _talk(name, sorted(lines, key=lambda one: (one.branch, one.position)))


def _talk(name: str, lines: Sequence[Held]) -> Talk:
    times = [one.item.created_at for one in lines if one.item.created_at]
    talk = Conversation(
        name,
        lines[0].item.title,
        tuple(map(_turn, lines)),
        created_at=min(times, default=None),
        updated_at=max(times, default=None),
    )
    return Talk(talk, lines[0].origin, tuple(one.id for one in lines))


def _turn(held: Held) -> Turn:
    role: Role = next((role for role in get_args(Role) if role == held.role), "user")
    return Turn(
        held.id,
        role,
        held.item.text,
        position=held.position,
        branch=held.branch,
        created_at=held.item.created_at,
        speaker=held.speaker,
    )
