"""Frozen values that leave the package. Times are aware UTC datetimes, ids are UUIDs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Literal
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
GrantState = Literal["active", "paused", "expired", "revoked"]
Related = Literal["merged", "merged into", "split", "split from"]
ActState = Literal["running", "done", "undoing", "undone"]
SuggestedAction = Literal["remember", "revise", "forget"]


class Unset(Enum):
    """What is left out, where None has a meaning of its own."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


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
    valid_from: datetime | None = None
    valid_until: datetime | None = None
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
    """One memory, opened. `text` is untrusted data from wherever it came.

    It was true from `valid_from` until before `valid_until`; None is without end. `held` says why
    it waits for the owner's word, out of every grantee's sight; "" when it does not.
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
class Collection:
    """A named group of memories. `count` is None for an asker who may not see it. `altered`: its
    name or settings are not what its owner left."""

    id: UUID
    name: str
    private: bool
    count: int | None
    right: Right
    altered: bool = False


WORDS_ONLY = "words-only"


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that recall found. `score` is 0..1.

    `why` says what led to it (words, meaning, or as a part of a context profile, instruction or
    conversation) and what moved it (recent, pinned, past, future, held). `matched` are the words of
    the memory that the question's words met, for marking them; told to the owner only.
    """

    memory: Memory
    score: float
    why: tuple[str, ...]
    matched: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether it was found by words only, since the embedding server did not answer."""
        return WORDS_ONLY in self.why


class Hits(list[Hit]):
    """What a search found. `degraded`: some of it was looked for by words only, since the embedding
    server did not answer; it says so also when nothing was found."""

    def __init__(self, hits: Iterable[Hit] = (), *, degraded: bool = False) -> None:
        super().__init__(hits)
        self.degraded = degraded


@dataclass(frozen=True, slots=True)
class Context:
    """The assembled text for a prompt, within its budget, and what it was made of."""

    text: str
    hits: tuple[Hit, ...]
    used_tokens: int
    degraded: bool = False


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


@dataclass(frozen=True, slots=True)
class Act:
    """Something the owner did to many memories at once. `done` of `total` were looked at, `changed`
    is how many it changed. It can be undone as a whole for 30 days."""

    id: UUID
    verb: str
    param: str
    state: ActState
    total: int
    done: int
    changed: int
    made_at: datetime

    @property
    def working(self) -> bool:
        return self.state in ("running", "undoing")


@dataclass(frozen=True, slots=True)
class Relation:
    """A merge or a split, seen from one memory. `memories` are the others, as far as they are still
    kept; `gone` counts those that are not."""

    act_id: UUID
    what: Related
    at: datetime
    memories: tuple[Memory, ...]
    gone: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something a grantee wants to change, waiting for the owner. An empty `title`, or an empty
    `text` of a change, stays as it is."""

    id: UUID
    collection_id: UUID
    grant_id: UUID
    grant_name: str
    action: SuggestedAction
    memory_id: UUID | None
    text: str
    kind: Kind
    suggested_at: datetime
    title: str = ""


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
    state: GrantState
    confirmed_only: bool = False
    version: int = 1
    client_id: str = ""
    """Of a connected app: what its OAuth client is known by. "" for every other grantee."""
    logged: bool = True
    """False when what was done to it just now could not be written into the access log."""


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
    version: int = 1
    """Of the grant: it counts up whenever its owner changes what the grant may do."""


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
