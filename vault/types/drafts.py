"""What is about to be remembered, or changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final
from uuid import UUID

from vault.types.kinds import Kind


class Unset(Enum):
    """What is left out, where None has a meaning of its own."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


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
