"""A text, looked at once: its words, its meaning, and how much speaks for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vault.sorting.head import scores
from vault.sorting.lexicon import words_of
from vault.sorting.words import NOTHING, Hits, hits

if TYPE_CHECKING:
    from vault.sorting.meaning import Meaning, Vectors

_MOST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`vector` is None and `scores` empty where there is no model to tell meaning."""

    words: Sequence[str]
    hits: Mapping[str, Hits]
    vector: Vectors | None = None
    scores: Mapping[str, float] = field(default_factory=dict)

    def found(self, label: str) -> Hits:
        return self.hits.get(label, NOTHING)


def look(text: str, title: str, meaning: Meaning | None) -> Look:
    """At the beginning of it: what a text is about, it says there."""
    whole = f"{title}. {text}" if title else text
    words = words_of(whole, _MOST_CHARACTERS)
    found = hits(words)
    if meaning is None:
        return Look(words, found)
    vector = meaning.of(whole)
    return Look(words, found, vector, scores(found, vector))
