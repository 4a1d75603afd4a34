"""Frozen values that leave the package. Times are aware UTC datetimes, ids are UUIDs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal[
    "profile", "preference", "fact", "instruction", "skill", "event", "episode", "document"
]
KINDS: tuple[Kind, ...] = (
    "profile",
    "preference",
    "fact",
    "instruction",
    "skill",
    "event",
    "episode",
    "document",
)
Add = Literal["no", "ask", "yes"]
AskerKind = Literal["owner", "token", "job"]
GrantKind = Literal["token", "app", "connection", "model"]
SuggestedAction = Literal["remember", "revise", "forget"]


@dataclass(frozen=True, slots=True)
class Right:
    """What one grant allows in one collection: two independent answers."""

    see: bool = False
    add: Add = "no"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking. `id` is the grant's, the job's or the session's."""

    kind: AskerKind
    id: UUID
    name: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A memory about to be remembered. `source_key` names it at its source, for telling it again:
    (vendor, account, conversation, message) joined; "" when it has none."""

    text: str
    kind: Kind = "fact"
    title: str = ""
    occurred_at: datetime | None = None
    role: str = ""
    speaker: str = ""
    conversation: str = ""
    position: int = 0
    branch: int = 0
    pinned: bool = False
    source: "SourceDraft | None" = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """Where a draft was seen. `key` is stable between two exports of one account."""

    vendor: str
    key: str = ""
    account: str = ""
    conversation_id: str = ""
    conversation_title: str = ""
    message_id: str = ""
    import_id: UUID | None = None
    grant_id: UUID | None = None


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
    """One memory, opened. `text` is untrusted data from wherever it came."""

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
    sources: tuple[Source, ...] = ()

    @property
    def when(self) -> datetime:
        """When it happened, or else when it came here: what listings are ordered by."""
        return self.occurred_at or self.created_at


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier state of a memory. `changed_by` names who replaced it."""

    revision: int
    text: str
    kind: Kind
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A named group of memories. `count` is None for an asker who may not see it."""

    id: UUID
    name: str
    private: bool
    count: int | None
    right: Right


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that recall found. `score` is 0..1; `why` says words, meaning, recent or pinned."""

    memory: Memory
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """The assembled text for a prompt, within its budget, and what it was made of."""

    text: str
    hits: tuple[Hit, ...]
    used_tokens: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. `cursor` continues it; None at the end. `total` counts all of it."""

    memories: tuple[Memory, ...]
    cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many memories there are, of what; forgotten ones only in `forgotten`."""

    total: int
    by_kind: Mapping[str, int]
    by_collection: Mapping[UUID, int]
    by_vendor: Mapping[str, int]
    forgotten: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of many drafts: new memories, ones already known, and further sources of them."""

    written: int = 0
    known: int = 0
    merged: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        written, known = self.written + other.written, self.known + other.known
        return Outcome(written, known, self.merged + other.merged)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something a grantee wants to change, waiting for the owner."""

    id: UUID
    collection_id: UUID
    grant_id: UUID
    grant_name: str
    action: SuggestedAction
    memory_id: UUID | None
    text: str
    kind: Kind
    suggested_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do what, until when. `rights` has an entry per collection that is not "nothing"."""

    id: UUID
    kind: GrantKind
    name: str
    rights: Mapping[UUID, Right]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: Literal["active", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the access log. `memory_ids` is empty where the asker could not open it."""

    seq: int
    at: datetime
    asker_kind: AskerKind
    asker_name: str
    grant_id: UUID | None
    action: str
    count: int
    memory_ids: tuple[UUID, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class NewVault:
    """A vault just made. The recovery code is shown once and kept nowhere."""

    vault_id: UUID
    recovery_code: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An opened web session: the row's id goes into the session, the secret into its own cookie."""

    vault_id: UUID
    session_id: UUID
    secret: str
