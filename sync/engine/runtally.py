"""What a run did, and what it left and why: counts, and sentences without anybody's words."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

MOST_SKIPPED = 200


@dataclass(slots=True)
class RunTally:
    """`counts` by what was done: taken, suggested, sent, deleted, forgotten, settled, ..."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self.counts[what] += count

    def skip(self, why: str, memory_id: UUID | None = None) -> None:
        """Of very many, the first are told."""
        self.counts["skipped"] += 1
        if len(self.skipped) < MOST_SKIPPED:
            self.skipped.append({"why": why[:300], "memory": str(memory_id or "")})
