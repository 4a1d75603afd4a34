"""Telling whether two documents say the same, so that one result can stand for both.

No threshold of similarity tells a paraphrase from a changed fact ("two cats", "three cats"), so
nearness only counts when numbers, names and negations agree as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from vault.search.documents import Document

    VectorOf = Callable[[], NDArray[np.float32] | None]

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
    span: tuple[datetime | None, datetime | None]

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
            span=(document.valid_from, document.valid_until),
        )

    def same(self, other: Gist, vector: VectorOf, others: VectorOf) -> bool:
        """Whether one stands for the other, given where to get the vectors of their texts."""
        if (self.day, self.span) != (other.day, other.span):
            return False
        if not self._may_be_said_by(other.speaker):
            return False
        if self.plain == other.plain:
            return True
        if self.facts != other.facts:
            return False
        mine, theirs = vector(), others()
        if mine is None or theirs is None or mine.shape != theirs.shape:
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


class Shown:
    """What is shown already, so that nothing is said twice."""

    def __init__(self) -> None:
        self._alike: defaultdict[object, list[tuple[Gist, VectorOf]]] = defaultdict(list)

    def adds(self, document: Document, vector: VectorOf) -> bool:
        """Whether this says something new; it then counts as shown. `vector` gives its vector:
        most texts need none to be told apart."""
        gist = Gist.of(document)
        rivals = (rival for handle in gist.handles for rival in self._alike[handle])
        if any(gist.same(other, vector, theirs) for other, theirs in rivals):
            return False
        for handle in gist.handles:
            self._alike[handle].append((gist, vector))
        return True
