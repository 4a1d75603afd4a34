"""What is believed of a model's answer: JSON of exactly one shape, and proposals that rest on what
the person said. Pure."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sync.distilling.errors import Unreadable
from sync.distilling.pieces import Line
from sync.distilling.prompt import KINDS, LONGEST, MOST
from vault.search.statements import words_of
from vault.sorting import sensitive
from vault.text import clean
from vault.types import Kind

_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?[ \t\r]*\n", re.IGNORECASE)
_MOST_LINES = 20
_OWN_WORDS = 0.5
"""Of an instruction's telling words, so many have to be the person's."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A memory that the model proposes, with the turns it rests on and when the person said it."""

    text: str
    kind: Kind
    turns: tuple[UUID, ...]
    at: datetime | None


@dataclass(slots=True)
class Judged:
    """What of an answer is proposed, and why the rest is not."""

    kept: list[Proposal] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, why: str) -> None:
        self.dropped[why] = self.dropped.get(why, 0) + 1


def judged(answer: str, lines: Sequence[Line]) -> Judged:
    """Unreadable unless it is JSON of the shape that was asked for, within its bounds.

    Dropped are proposals that cite lines which are not there ("invented"), none of the person's
    ("not said"), are instructions in other words than theirs ("not asked"), or hold what passwords
    and papers are made of ("secret").
    """
    found = Judged()
    for text, kind, numbers in _read(answer):
        if any(not 1 <= number <= len(lines) for number in numbers):
            found.drop("invented")
            continue
        cited = [lines[number - 1] for number in dict.fromkeys(numbers)]
        if why := _against(text, kind, cited):
            found.drop(why)
        else:
            found.kept.append(_proposal(text, kind, cited))
    return found


def _proposal(text: str, kind: Kind, cited: Sequence[Line]) -> Proposal:
    times = [line.at for line in cited if line.at and line.who == "person"]
    return Proposal(text, kind, tuple(line.turn for line in cited), max(times, default=None))


def _against(text: str, kind: str, cited: Sequence[Line]) -> str:
    theirs = [line for line in cited if line.who == "person"]
    if not theirs:
        return "not said"
    if kind == "instruction" and (len(theirs) < len(cited) or not _own_words(text, theirs)):
        return "not asked"
    return "secret" if sensitive.hard_signs(text) else ""


def _own_words(text: str, theirs: Sequence[Line]) -> bool:
    wanted = set(words_of(text))
    said = {word for line in theirs for word in words_of(line.text)}
    return bool(wanted) and len(wanted & said) >= _OWN_WORDS * len(wanted)


def _read(answer: str) -> list[tuple[str, Kind, list[int]]]:
    words = _THOUGHT.sub("", answer, count=1).strip()
    try:
        told = json.loads(_unfenced(words))
    except (ValueError, RecursionError):
        raise Unreadable("The answer was not JSON.") from None
    if not isinstance(told, dict) or told.keys() != {"proposals"}:
        raise Unreadable("The answer had another shape.")
    proposals = told["proposals"]
    if not isinstance(proposals, list) or len(proposals) > MOST:
        raise Unreadable("The answer had another shape, or too many proposals.")
    return [_checked(one) for one in proposals]


def _unfenced(words: str) -> str:
    """By hand at its end: a pattern would go back and forth over an answer of empty lines."""
    begin = _FENCE.match(words)
    return words[begin.end() : -3] if begin and words.endswith("\n```") else words


def _checked(one: Any) -> tuple[str, Kind, list[int]]:
    if not isinstance(one, dict) or one.keys() != {"text", "kind", "lines"}:
        raise Unreadable("A proposal had another shape.")
    text, kind, numbers = one["text"], one["kind"], one["lines"]
    right = isinstance(text, str) and isinstance(kind, str) and kind in KINDS
    right = right and isinstance(numbers, list) and 0 < len(numbers) <= _MOST_LINES
    if not right or any(type(number) is not int for number in numbers):
        raise Unreadable("A proposal had another shape.")
    words = " ".join(clean(text).split())
    if not words or len(words) > LONGEST:
        raise Unreadable("A proposal said nothing, or too much.")
    return words, cast(Kind, kind), numbers
