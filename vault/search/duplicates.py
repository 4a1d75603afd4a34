"""Telling whether two documents say the same, so that one result can stand for both.

No threshold of similarity tells a paraphrase from a changed fact ("two cats", "three cats"), so
nearness only counts when numbers, names and negations agree as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from vault.search.documents import Document

    Vector = NDArray[np.float32] | None

NEARLY = 0.97  # cosine
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
NEGATION = re.compile(
    r"(?i:\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|stopp?ed|quit|former|ex)\b"
    r"|n['\u2019]t\b)"
)
AROUND = " \t\n.,;!?\u2026\"'\u201c\u201d"
HAPPENINGS = frozenset({"event", "episode"})  # the same words on another day are another memory


@dataclass(frozen=True, slots=True)
class Gist:
    """What must agree for two documents to be one."""

    plain: str
    numbers: tuple[str, ...]
    names: frozenset[str]
    negations: int
    speaker: str
    day: date | None

    @classmethod
    def of(cls, document: Document) -> Gist:
        text = document.text
        happened = document.kind in HAPPENINGS and document.occurred_at is not None
        return cls(
            plain=" ".join(text.casefold().strip(AROUND).split()),
            numbers=tuple(sorted(NUMBER.findall(text))),
            names=frozenset(word for word in WORD.findall(text) if not word.islower()),
            negations=len(NEGATION.findall(text)),
            speaker=document.speaker.casefold(),
            day=document.occurred_at.date() if happened and document.occurred_at else None,
        )

    def same(self, other: Gist, mine: Vector, theirs: Vector) -> bool:
        """Whether one stands for the other, given the vectors of their texts."""
        if self.day != other.day or not self._may_be_said_by(other.speaker):
            return False
        if self.plain == other.plain:
            return True
        if mine is None or theirs is None or self.facts != other.facts:
            return False
        return float(mine @ theirs) > NEARLY

    def _may_be_said_by(self, speaker: str) -> bool:
        return not self.speaker or not speaker or self.speaker == speaker

    @property
    def facts(self) -> tuple[object, ...]:
        return self.numbers, self.names, self.negations

    @property
    def handles(self) -> tuple[object, ...]:
        """Two documents that share none of these are not the same: no need to compare them."""
        return self.plain, self.facts
