"""Memories as whoever may see them reads them, alone and in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.types.kinds import Kind


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory was seen. `vendor` is a connector's slug, "you" for the owner's own hand,
    or "app" for a grantee, whose name is then in `account`."""

    vendor: str
    account: str
    conversation_id: str
    conversation_title: str
    message_id: str
    seen_at: datetime
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory, opened. `text` is untrusted data from wherever it came.

    It was true from `valid_from` until before `valid_until`; None is without end. `held` says why
    it waits for the owner's word, out of every grantee's sight; "" when it does not. `altered`: it
    cannot be read, and its text only says so.
    """

    id: UUID
    collection_id: UUID
    kind: Kind
    text: str
    title: str
    revision: int
    created_at: datetime
    updated_at: datetime
    occurred_at: datetime | None
    forgotten_at: datetime | None
    pinned: bool
    trusted: bool
    role: str
    speaker: str
    conversation: str
    position: int
    branch: int
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    held: str = ""
    sources: tuple[Source, ...] = ()
    altered: bool = False

    @property
    def when(self) -> datetime:
        """When it happened, or else when it came here: what listings are ordered by."""
        return self.occurred_at or self.created_at


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier state of a memory. `changed_by` names who replaced it, `grant_id` under which
    grant; None for the owner."""

    revision: int
    text: str
    kind: Kind
    changed_at: datetime
    changed_by: str
    title: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    grant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. `cursor` continues it; None at the end. `total` counts all of it."""

    memories: tuple[Memory, ...]
    cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many memories there are, of what; forgotten ones only in `forgotten`. Some of the others
    wait for the owner's word (`held`), some are no longer true (`past`)."""

    total: int
    by_kind: Mapping[str, int]
    by_collection: Mapping[UUID, int]
    by_vendor: Mapping[str, int]
    forgotten: int
    held: int = 0
    past: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of many drafts: new memories, ones already known, and further sources of them."""

    written: int = 0
    known: int = 0
    merged: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        written, known = self.written + other.written, self.known + other.known
        return Outcome(written, known, self.merged + other.merged)
