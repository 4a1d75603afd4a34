"""The turns of a conversation as the model gets them: numbered lines, without recalled memories, no
more at once than fits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

from vault.reviewing.recalled import without_recalled
from vault.search.budget import count_tokens
from vault.text import clean
from vault.types import Memory

Who = Literal["person", "assistant"]
ROOM = 12_000
"""Tokens of turns in one question: what most models take, with room to answer."""
LEAST_ROOM = 200
_AROUND = 25  # tokens of a line besides its words
LONGEST_REPLY = 1_200
"""Characters of an assistant's turn: it proves nothing about the person, and only shows what a
“yes” was said to."""
BEFORE = 2
"""Turns read before that come along, so that an answer to them is understood."""


@dataclass(frozen=True, slots=True)
class Line:
    """A turn, or of a long one its beginning."""

    turn: UUID
    position: int
    who: Who
    speaker: str
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that go to the model together. With their answer, the turns `read` were, and everything
    up to `position`. `recalled`: lines cut out since they came from the vault; `shortened`: turns
    that were."""

    lines: tuple[Line, ...]
    position: int
    read: tuple[UUID, ...] = ()
    recalled: int = 0
    shortened: int = 0

    @property
    def worth_asking(self) -> bool:
        """Whether there is anything in it that the person said."""
        return any(line.who == "person" for line in self.lines)


def piece_of(turns: Sequence[Memory], after: int, room: int = ROOM) -> Piece:
    """As many whole turns beyond position `after` as have room, at least one; before them, those of
    the `turns` that were read already.

    All branches at one position are in it or none, unless those of the first position alone have no
    room: then it holds some of them, and its `position` is still `after`.
    """
    lines = [_line(turn, room)[0] for turn in turns if turn.position <= after]
    spent = sum(map(_cost, lines))
    piece = Piece(tuple(filter(None, lines)), after)
    fresh = (turn for turn in turns if turn.position > after)
    for position, branches in groupby(fresh, lambda turn: turn.position):
        longer = piece
        for turn in branches:
            line, recalled, cut = _line(turn, room)
            spent += _cost(line)
            if longer.read and spent > room:
                return piece if piece.read else longer
            longer = _with(longer, turn, line, recalled, cut)
        piece = replace(longer, position=position)
    return piece


def _with(piece: Piece, turn: Memory, line: Line | None, recalled: int, cut: int) -> Piece:
    return replace(
        piece,
        lines=(*piece.lines, line) if line else piece.lines,
        read=(*piece.read, turn.id),
        recalled=piece.recalled + recalled,
        shortened=piece.shortened + cut,
    )


def cost(turn: Memory) -> int:
    """About how many tokens this turn costs."""
    return _cost(_line(turn, ROOM)[0])


def _cost(line: Line | None) -> int:
    return count_tokens(line.text) + _AROUND if line else 0


def _line(turn: Memory, room: int) -> tuple[Line | None, int, int]:
    words, recalled = without_recalled(clean(turn.text))
    who: Who = "person" if turn.role == "user" else "assistant"
    most = room * 3 if who == "person" else min(LONGEST_REPLY, room * 3)  # characters
    text = words if len(words) <= most else words[:most] + " […]"
    if not text:
        return None, recalled, 0
    line = Line(turn.id, turn.position, who, clean(turn.speaker)[:60], text, turn.occurred_at)
    return line, recalled, int(who == "person" and text != words)
