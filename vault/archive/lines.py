"""The lines of a vault archive, version 4: one dataclass a file. `docs/vault-archive.md` explains.

The format is frozen: another field, or another meaning of one, is another version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from vault.archive.codec import LONGEST_LINE, Most
from vault.text import LONGEST
from vault.types import Add, GrantKind, Kind, SuggestedAction

VERSION = 4
FORMAT = f"satchel-vault/{VERSION}"
PairKind = Literal["duplicate", "disagreement"]
PairState = Literal["open", "dismissed", "settled"]
_KEY = Most(32, least=32)
_Small = Annotated[int, Most((1 << 31) - 1)]
_Word = Annotated[str, Most(40)]
_Name = Annotated[str, Most(300)]
_Sealed = Annotated[str, Most(LONGEST_LINE)]
"""Text that no column holds in the clear, and none bounds."""


@dataclass(frozen=True, slots=True)
class LogEnd:
    """Where the access log ended: its last line, how many lines were cut off at its start, and
    for how many days lines are kept (null: for ever)."""

    count: int
    head: Annotated[bytes, Most(64)]
    cut: int
    keep_days: _Small | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json`: read first, so it says how to read the rest."""

    format: _Name
    made_at: datetime
    vault_id: UUID
    vault_made_at: datetime
    vectors: bool
    embedder_keys: bool
    log: LogEnd


@dataclass(frozen=True, slots=True)
class Totals:
    """`totals.json`: how many lines each file has, how many rows could not be opened and are
    therefore in none, and what the vault's own check found wrong; nothing as a rule."""

    lines: Annotated[Mapping[str, int], Most(20)]
    left_out: Annotated[Mapping[str, int], Most(20)]
    altered: tuple[_Name, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """`names_key` is what names of sources and conversations are made with: with it, a newer
    export of the same account finds what is here. `embedder` is JSON; empty for the bundled one."""

    id: UUID
    name: _Name
    private: bool
    position: _Small
    indexed: bool
    embedder: _Sealed
    names_key: Annotated[bytes, _KEY]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What is sealed of a memory or of one of its revisions."""

    text: Annotated[str, Most(LONGEST)]
    title: _Sealed
    role: _Sealed
    speaker: _Sealed
    branch: _Small


@dataclass(frozen=True, slots=True)
class Memory:
    """In the order of their last change. `words` is null for one that was forgotten so long ago
    that they are destroyed: what is left keeps a newer import from bringing it back."""

    id: UUID
    collection_id: UUID
    kind: Kind
    revision: _Small
    words: Words | None
    created_at: datetime
    updated_at: datetime
    occurred_at: datetime | None
    forgotten_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    pinned: bool
    trusted: bool
    held: Annotated[str, Most(16)]
    conversation: UUID | None
    position: _Small


@dataclass(frozen=True, slots=True)
class Revision:
    """What a memory was before a change."""

    id: UUID
    memory_id: UUID
    kind: Kind
    revision: _Small
    words: Words
    valid_from: datetime | None
    valid_until: datetime | None
    changed_at: datetime
    changed_by: Annotated[str, Most(200)]
    grant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Details:
    """What is sealed of a source."""

    account: _Sealed
    conversation_id: _Sealed
    conversation_title: _Sealed
    message_id: _Sealed


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory was seen. `key` is its keyed name; `details` is null where it is destroyed."""

    id: UUID
    memory_id: UUID
    vendor: _Word
    key: Annotated[bytes, _KEY] | None
    details: Details | None
    grant_id: UUID | None
    import_id: UUID | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Vector:
    """A memory's embedding by one model, as `vault/search/embed.py` writes it."""

    memory_id: UUID
    revision: _Small
    model: Annotated[str, Most(80)]
    passages: bytes
    tokens: bytes | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a distilled suggestion rests on: the model that read, and the turns, by their ids."""

    model: _Name
    lines: Annotated[tuple[UUID, ...], Most(100)]
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What waits for the owner's word. An empty `title` is none, or the one that is there.
    `evidence` is null unless a model distilled it."""

    id: UUID
    collection_id: UUID
    grant_id: UUID
    action: SuggestedAction
    memory_id: UUID | None
    title: _Sealed
    text: _Sealed
    memory_kind: Kind
    settled: bool
    suggested_at: datetime
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two memories that may be one, or that disagree, and what the owner said to it."""

    id: UUID
    first_id: UUID
    second_id: UUID
    kind: PairKind
    state: PairState
    found_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What the owner wants to go into a collection: every part that is not empty must hold."""

    id: UUID
    collection_id: UUID
    text: _Name
    title: _Name
    vendor: _Name
    speaker: _Name
    kind: _Word
    sensitive_too: bool
    position: _Small
    created_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A search with filters that the owner gave a name. `search` is the query of its address."""

    id: UUID
    name: Annotated[str, Most(60)]
    search: _Sealed
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """What a grant allowed in one collection."""

    collection_id: UUID
    see: bool
    add: Add


@dataclass(frozen=True, slots=True)
class Grant:
    """Who was let in, to what. It comes back ended: its keys are not in the archive."""

    id: UUID
    kind: GrantKind
    name: Annotated[str, Most(120)]
    version: _Small
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    paused_at: datetime | None
    confirmed_only: bool
    last_used_at: datetime | None
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """One reading of a vendor's export, without its files. One that was going on is cancelled."""

    id: UUID
    state: Annotated[str, Most(16)]
    vendor: _Word
    collection_id: UUID
    target_id: UUID
    details: _Sealed
    found: Annotated[Mapping[str, int], Most(50)]
    bytes_total: int
    bytes_read: int
    sort: bool
    checkpoint: int
    written: int
    merged: int
    known: int
    indexed: int
    to_index: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the access log, opened, with its link in the chain that it was part of."""

    seq: int
    at: datetime
    asker_kind: Annotated[str, Most(16)]
    asker_id: UUID
    action: Annotated[str, Most(32)]
    count: _Small
    name: _Sealed
    version: _Small
    memories: tuple[UUID, ...]
    purpose: _Sealed
    chain: Annotated[bytes, Most(64)]


SHAPES: Mapping[str, type] = {
    "collections": Collection,
    "memories": Memory,
    "revisions": Revision,
    "sources": Source,
    "vectors": Vector,
    "suggestions": Suggestion,
    "pairs": Pair,
    "rules": Rule,
    "views": View,
    "grants": Grant,
    "imports": Import,
    "log": LogLine,
}
"""The files of lines, in the order in which they are written and read."""

_BROUGHT: Mapping[str, int] = {"views": 4}
"""Which version brought a file; the others were always there."""
_ADDED: Mapping[int, Mapping[str, Mapping[str, Any]]] = {
    2: {"suggestions": {"title": ""}},
    3: {"suggestions": {"evidence": None}},
}
"""Which fields a version brought, and what they are in lines of an earlier one, as JSON has it."""


def files(version: int) -> frozenset[str]:
    """The files of lines that an archive of this version has."""
    return frozenset(name for name in SHAPES if _BROUGHT.get(name, 1) <= version)


def absent(version: int, name: str) -> dict[str, Any]:
    """The fields that lines of this file did not have yet in that version, and what they are."""
    later = [files.get(name, {}) for since, files in _ADDED.items() if since > version]
    return {field: value for fields in later for field, value in fields.items()}
