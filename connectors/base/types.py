"""Neutral values that cross the line between a vendor and the vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal[
    "profile", "preference", "fact", "instruction", "skill", "event", "episode", "document"
]
Role = Literal["user", "assistant", "tool", "system"]


@dataclass(frozen=True, slots=True)
class Item:
    """One saved memory, free of any vendor's vocabulary.

    `remote_id` is stable between two exports of the same account: importing a newer export finds
    the same item again by it. `conversation_id`/`message_id` say where it was learnt, if known.
    """

    text: str
    kind: Kind
    remote_id: str
    title: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    conversation_id: str = ""
    message_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. `branch` 0 is the thread the person last saw; other branches
    (edited prompts, regenerated answers) count up. `position` orders the turns along their branch
    and goes on from the turn where it left another one; `parent_id` is the turn before it, "" at
    the start. `hidden` turns are not shown by the vendor: system text, calls of tools, results."""

    message_id: str
    role: Role
    text: str
    position: int
    branch: int = 0
    created_at: datetime | None = None
    speaker: str = ""
    model: str = ""
    hidden: bool = False
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation with its turns. `do_not_remember`: the person told the vendor not to use it,
    and it comes without turns. `inferred`: the vendor keeps no conversations, this one was guessed
    from times."""

    conversation_id: str
    title: str
    turns: tuple[Turn, ...]
    created_at: datetime | None = None
    updated_at: datetime | None = None
    do_not_remember: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the archive that could not be read. `where` is a file and a place in it,
    `reason` a sentence for the person; neither holds the content."""

    where: str
    reason: str
