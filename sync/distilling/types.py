"""A run of distilling as its owner sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

RunState = Literal["working", "paused", "done", "ended"]
COUNTS = (
    "conversations",
    "turns",
    "proposed",
    "flagged",
    "known",
    "before",
    "invented",
    "not said",
    "not asked",
    "secret",
    "too many",
    "unreadable",
    "recalled",
    "shortened",
)
"""What is counted: conversations and turns read; proposals that wait now, and how many of them give
orders; proposals left out since the vault holds them, since they were proposed before, and for the
reasons of `answers.Judged`, or since their conversation had its share; conversations passed over;
lines cut out since they were recalled memories; turns too long to be read whole."""


@dataclass(frozen=True, slots=True)
class Run:
    """`said`: what keeps it from going on, and what to do. `stalled`: its worker or keys are lost,
    and only its owner can let it go on. `cost` is None where no price is known; `guessed`: some of
    its tokens were counted here. `model` and `host` are empty when its details open no more.
    `gone`: collections it was to read that were deleted since; `elsewhere`: so was the one that its
    proposals were to go to."""

    id: UUID
    state: RunState
    model: str
    host: str
    said: str
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    guessed: bool = False
    gone: int = 0
    elsewhere: bool = False
    stalled: bool = False
    wait_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def going(self) -> bool:
        return self.state == "working" and not self.stalled

    @property
    def unfinished(self) -> bool:
        return self.state in ("working", "paused")

    @property
    def done(self) -> int:
        return self.counts.get("conversations", 0)
