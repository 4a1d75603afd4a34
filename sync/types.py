"""Frozen values that leave the package."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

ImportState = Literal[
    "reading",
    "preview",
    "writing",
    "indexing",
    "undoing",
    "done",
    "failed",
    "cancelled",
    "undone",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read. `count` entries had this reason; `where` is the first."""

    where: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece of what an import would bring, for the owner to judge by."""

    kind: str
    text: str
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Import:
    """One reading of an export. `stalled`: it should be going on but no worker holds it."""

    id: UUID
    state: ImportState
    vendor: str
    vendor_name: str
    file_names: tuple[str, ...]
    collection_id: UUID
    started_at: datetime
    finished_at: datetime | None
    bytes_total: int
    bytes_read: int
    found: Mapping[str, int]
    written: int
    merged: int
    known: int
    indexed: int
    to_index: int
    problems: tuple[Problem, ...]
    samples: tuple[Sample, ...]
    error: str
    stalled: bool

    @property
    def running(self) -> bool:
        return self.state in ("reading", "writing", "indexing", "undoing")
