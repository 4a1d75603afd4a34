"""Frozen values that leave the package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from connectors.plain.sketch import Shape

ImportState = Literal[
    "reading",
    "asking",
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
class PileSample:
    """The beginning of something that an import would bring, and why it is in its pile."""

    text: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pile:
    """What an import would bring of one sort: `count` new memories and turns.

    What sounds like a collection has its id, what is sensitive its `matter`; the rest has neither.
    """

    key: str
    count: int
    collection_id: UUID | None
    matter: str
    samples: tuple[PileSample, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """The piles, the sensitive ones first; and of each matter how many new ones touch it."""

    piles: tuple[Pile, ...]
    matters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a pile would go; None when no collection is private enough. `fits`: it was made for
    this, and is not just the most private one there is."""

    collection_id: UUID | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Placing:
    """The owner's word on the piles: a collection for a key, None to leave it out, and what is
    proposed for the others. `confirmed`: also where something sensitive would be less private."""

    places: Mapping[str, UUID | None] = field(default_factory=dict)
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """One reading of an export. `stalled`: it should be going on but no worker holds it.

    `sorting` is what the preview proposes; `sorted`: it went, or goes, to several collections;
    `left_out`: so many were not taken, as the owner wanted. `shapes`: what files look like that are
    no vendor's export, while it is asked what they are, or may be read differently.
    """

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
    sorting: Sorting | None = None
    sorted: bool = False
    left_out: int = 0
    shapes: tuple[Shape, ...] = ()

    @property
    def running(self) -> bool:
        return self.state in ("reading", "writing", "indexing", "undoing")
