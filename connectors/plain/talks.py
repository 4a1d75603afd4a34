"""Turns of conversations, as rows tell them one after the other."""

from collections.abc import Iterator
from datetime import datetime

from connectors.base.ids import same_text, stable_id
from connectors.base.types import Conversation, Role, Turn
from connectors.plain.days import day_of
from connectors.plain.fields import ROLES, Fields
from connectors.plain.places import Row, words

_AT_ONCE = 2_000  # turns of a conversation that are held; a longer one comes in parts
_UNIQUE = 12


class Talks:
    """Give it rows, it answers the conversations that they end. What comes later of one that ended
    is a part of it that goes on where it was."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._turns: list[Turn] = []
        self._names: dict[str, str] = {}
        self._at: dict[str, int] = {}
        self._talk = self._said = self._title = ""

    def add(self, row: Row, text: str, group: str) -> Iterator[Conversation]:
        """`group` tells which rows belong together where no field does."""
        said = words(row.get(self._fields.talk))
        talk = said or group
        if self._turns and (talk != self._talk or len(self._turns) >= _AT_ONCE):
            yield self._conversation()
        if not self._turns:
            self._talk, self._said = talk, said
            self._title = words(row.get(self._fields.title))
        self._turns.append(self._turn(row, text))

    def rest(self) -> Iterator[Conversation]:
        if self._turns:
            yield self._conversation()

    def _turn(self, row: Row, text: str) -> Turn:
        said = words(row.get(self._fields.speaker))
        role = role_of(said)
        at = self._at.get(self._talk, 0)
        self._at[self._talk] = at + 1
        id = words(row.get(self._fields.id))
        return Turn(
            id if len(id) >= _UNIQUE else stable_id("turn", str(at), same_text(text)),
            role,
            text,
            position=at,
            created_at=moment_in(row, self._fields),
            speaker="" if said.casefold() in ROLES else said,
        )

    def _conversation(self) -> Conversation:
        turns, self._turns = tuple(self._turns), []
        first = turns[0]
        begun = first.created_at.isoformat() if first.created_at else ""
        said = self._said if len(self._said) >= _UNIQUE else ""
        known = (said,) if said else (self._said, same_text(first.text), begun)
        name = self._names.setdefault(self._talk, stable_id("talk", *known))
        return Conversation(name, self._title, turns, created_at=first.created_at)


def role_of(said: str) -> Role:
    """Whoever is not known for a program is a person."""
    return ROLES.get(said.casefold(), "user")


def moment_in(row: Row, fields: Fields) -> datetime | None:
    """The time of an entry, in whatever form it stands there; None if it says none."""
    value = row.get(fields.date)
    return day_of(value if isinstance(value, int | float) else words(value))
