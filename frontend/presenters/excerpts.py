"""Pieces of text for showing: where a search hit it, and what changed between two versions."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LENGTH = 360
_BEFORE = 80
_MOST_WORDS = 3000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `hit`: the search is about it."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words that stayed, went or came."""

    text: str
    what: Literal["same", "gone", "new"]


def pieces(text: str, query: str) -> list[Piece]:
    """At most `LENGTH` characters of the text, from shortly before the first word of the query."""
    words = [re.escape(word) for word in query.split()[:20]]
    if not words:
        return [Piece(_cut(text, 0), False)]
    found = re.compile(r"(?<!\w)(" + "|".join(words) + r")", re.IGNORECASE)
    first = found.search(text)
    shown = _cut(text, max(0, first.start() - _BEFORE) if first and first.start() > LENGTH else 0)
    # split() with one group answers text and matches in turn, so every second one is a hit.
    return [Piece(part, i % 2 == 1) for i, part in enumerate(found.split(shown)) if part]


def changes(old: str, new: str) -> list[Change]:
    """What an edit did, word by word. Very long texts are shown as a whole, old then new."""
    a, b = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    if len(a) + len(b) > _MOST_WORDS:
        return [Change(old, "gone"), Change(new, "new")]
    found: list[Change] = []
    gone = new = ""
    for op, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        before, after = "".join(a[a1:a2]), "".join(b[b1:b2])
        if op == "equal" and (before.strip() or not (gone or new)):
            found += [*_changed(gone, new), Change(before, "same")]
            gone = new = ""
        else:  # a space between two changed words reads better as part of the change
            gone, new = gone + before, new + after
    return found + _changed(gone, new)


def _changed(gone: str, new: str) -> list[Change]:
    both = [Change(gone, "gone"), Change(new, "new")]
    return [change for change in both if change.text]


def _cut(text: str, start: int) -> str:
    part = text[start : start + LENGTH]
    left = "…" if start else ""
    return left + part + ("…" if start + LENGTH < len(text) else "")
