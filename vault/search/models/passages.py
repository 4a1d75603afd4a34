"""Cutting a long run of token ids into overlapping windows that a model can take."""

from __future__ import annotations

from collections.abc import Sequence

OVERLAP = 32


def split(ids: Sequence[int], size: int, most: int) -> list[Sequence[int]]:
    """At least one window of at most `size` ids, at most `most` of them; the rest is dropped."""
    step = size - OVERLAP
    starts = range(0, max(len(ids) - OVERLAP, 1), step)
    return [ids[start : start + size] for start in starts[:most]]


def ends(ids: Sequence[int], size: int) -> Sequence[int]:
    """The first and last ids when there are more than `size`: questions open or close a text."""
    if len(ids) <= size:
        return ids
    head = size // 2
    return [*ids[:head], *ids[head - size :]]


def split_text(text: str, size: int, most: int) -> list[str]:
    """The same for texts that only their model can cut into tokens: pieces of at most `size`
    characters that overlap a little, cut between words where there are any."""
    pieces: list[str] = []
    start = 0
    while len(pieces) < most:
        end = _between_words(text, start, start + size)
        pieces.append(text[start:end])
        if end >= len(text):
            break
        start = max(start + 1, end - size // 8)
    return pieces


def _between_words(text: str, start: int, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = max(text.rfind(mark, start + (end - start) * 3 // 4, end) for mark in " \n")
    return end if space < 0 else space + 1
