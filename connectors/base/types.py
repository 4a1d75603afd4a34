"""Neutral values that cross the line between a vendor and the vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, auto
from typing import Literal

Kind = Literal[
    "profile", "preference", "fact", "instruction", "skill", "event", "episode", "document"
]
Role = Literal["user", "assistant", "tool", "system"]


@dataclass(frozen=True, slots=True)
class Item:
    """One saved memory, free of any vendor's vocabulary.

    `remote_id` is stable between two exports of the same account: importing a newer export finds
    the same item again by it; a live remote's `Entry` has its own, and leaves this one empty.
    `conversation_id`/`message_id` say where it was learnt, if known. It was true from `valid_from`
    until before `valid_until`; None is without end.
    """

    text: str
    kind: Kind = "fact"
    remote_id: str = ""
    title: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    conversation_id: str = ""
    message_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    pinned: bool = False


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


class Capability(Flag):
    """What a remote can do beyond being listed. None: it can only be read, in full listings."""

    CREATE = auto()
    UPDATE = auto()
    DELETE = auto()
    DELTA = auto()
    """Pages after a cursor hold only changes; deletions arrive as tombstones."""
    NOTICE = auto()
    """It calls us when something changed: see `Connector.heard`."""
    SPARING = auto()
    """Reading takes requests beyond the listing, and equal etags prove equal words: see
    `Connector.chosen`."""

    WRITE = CREATE | UPDATE | DELETE


@dataclass(frozen=True, slots=True)
class Account:
    """Whose the credentials are. `id` stays the same for as long as they lead to the same memories:
    when it changes, nothing is written before the person looked at it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one remote holds it. Without an `item` it is a tombstone, unless `unreadable` says
    in a sentence why what is there cannot be shown as one: it is left alone then.

    `etag` changes exactly when the entry does. `key` is the one given to `create`, where the remote
    kept it. `unread`: it is there, and nobody asked what it says.
    """

    remote_id: str
    etag: str
    item: Item | None
    key: str = ""
    unreadable: str = ""
    unread: bool = False

    @property
    def is_there(self) -> bool:
        """False for a tombstone."""
        return self.item is not None or bool(self.unreadable) or self.unread


@dataclass(frozen=True, slots=True)
class Page:
    """One step of a listing. `cursor` resumes after this page; the last one is kept for the next
    listing of a remote with DELTA."""

    entries: list[Entry]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What fits into a remote: characters of one text, entries in all, kinds it has a place for.
    None: it does not say."""

    text: int | None = None
    entries: int | None = None
    kinds: frozenset[Kind] | None = None
