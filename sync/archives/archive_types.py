"""What the pages know of archives and of erasing: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

ArchiveKind = Literal["export", "restore"]
ArchiveState = Literal[
    "waiting",
    "making",
    "checking",
    "restoring",
    "indexing",
    "wiping",
    "done",
    "gone",
    "failed",
    "cancelled",
]


@dataclass(frozen=True, slots=True)
class Archive:
    """One making or restoring of an archive. `stalled`: it should go on but no worker holds it.

    `counts` are lines by file, `left_out` rows that did not open, `notes` what checks said.
    `opened`: what was restored belongs to the vault already, so it is not taken away again.
    """

    id: UUID
    kind: ArchiveKind
    state: ArchiveState
    size: int
    vectors: bool
    embedders: bool
    done: int
    total: int
    counts: Mapping[str, int]
    left_out: int
    notes: tuple[str, ...]
    error: str
    started_at: datetime
    finished_at: datetime | None
    gone_at: datetime | None
    stalled: bool
    opened: bool

    @property
    def running(self) -> bool:
        return self.state in ("making", "checking", "restoring", "indexing", "wiping")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasing did. `left` counts rows that are still to go; the keys went first."""

    id: UUID
    keep_account: bool
    counts: Mapping[str, int]
    left: int
    started_at: datetime
    finished_at: datetime | None
