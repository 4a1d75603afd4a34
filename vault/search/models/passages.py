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
