"""Who may do what, what they want, and what they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.types.kinds import Add, AskerKind, GrantKind, GrantState, Kind, SuggestedAction


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
    later: bool = True
    """Sees what comes into its collections later, too; else only what was there when it was given
    them, and what it wrote itself."""
    client_id: str = ""
    """Of a connected app: what its OAuth client is known by. "" for every other grantee."""
    logged: bool = True
    """False when what was done to it just now could not be written into the access log."""

    @property
    def sees(self) -> bool:
        """Whether there is a collection that it may see."""
        return any(right.see for right in self.rights.values())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a distilled suggestion rests on: the turns of conversations that it cites, when they
    were, and the name of the model that read them."""

    model: str
    lines: tuple[UUID, ...]
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something a grantee wants to change, waiting for the owner. An empty `title`, or an empty
    `text` of a change, stays as it is. `evidence`: of one that a model distilled, else None."""

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
    evidence: Evidence | None = None


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
