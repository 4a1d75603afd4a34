"""Collects what ChatGPT was told to keep: saved memories and custom instructions.

The export has no file for them. They are found in the conversations, most of them many times
over, and come out once each at the end: with the earliest date, and when they were last seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connectors.base.ids import same_text, stable_id
from connectors.base.limits import Limits
from connectors.base.moments import moment
from connectors.base.types import Item, Kind, Unreadable

_DATED = re.compile(
    r"^\s*(?:\d{1,5}[.)]\s*|[-*\u2022]\s*)?\[(\d{4}-\d{2}-\d{2})\][.:]?\s*(?:-\s+)?(.*)$"
)
_BULLET = re.compile(r"^\s*(?:\d{1,5}[.)]|[-*\u2022])\s+")
_FENCED = re.compile(r"```(.*)```", re.S)
_TITLES: dict[Kind, str] = {
    "profile": "Custom instructions: about you",
    "instruction": "Custom instructions: how to answer",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where and when something saved was seen. `learnt`: this is the message that saved it."""

    conversation_id: str = ""
    message_id: str = ""
    seen: datetime | None = None
    learnt: bool = False


@dataclass(slots=True)
class _Found:
    kind: Kind
    text: str
    remote_id: str
    since: datetime | None
    sighting: Sighting
    last_seen: datetime | None


class Saved:
    """Everything saved that was seen so far, bounded by `limits`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._found: dict[tuple[Kind, str], _Found] = {}
        self._claimed: set[tuple[Kind, str]] = set()
        self._size = self._dropped = 0

    def note(
        self,
        kind: Kind,
        text: str,
        sighting: Sighting,
        since: datetime | None = None,
    ) -> None:
        """One thing saved. `since` is when, as far as the export says; else when it was seen."""
        text = text.strip()
        key = (kind, same_text(text))
        since = since or sighting.seen
        if not key[1] or key in self._claimed:
            return
        if known := self._found.get(key):
            _merge(known, sighting, since)
        elif self._has_room(text):
            name = stable_id(kind, key[1])
            self._found[key] = _Found(kind, text, name, since, sighting, sighting.seen)

    def claim(self, kind: Kind, text: str) -> None:
        """This text comes from a better place: it will not be found again."""
        if self._has_room(text):
            self._claimed.add((kind, same_text(text)))

    def items(self) -> Iterator[Item | Unreadable]:
        """What was found, oldest sighting of each first seen first."""
        current = {found.kind: found for found in sorted(self._found.values(), key=_last_seen)}
        for found in self._found.values():
            superseded = found.kind in _TITLES and found is not current[found.kind]
            yield _item(found, superseded)
        if self._dropped:
            reason = "There are more than can be read; the rest was left out."
            yield Unreadable(f"Saved memories, the last {self._dropped}", reason)

    def _has_room(self, text: str) -> bool:
        size = self._size + len(text)
        if len(self._found) >= self._limits.saved or size > self._limits.saved_bytes:
            self._dropped += 1
            return False
        self._size = size
        return True


def dated_lines(context: str) -> Iterator[tuple[datetime | None, str]]:
    """The facts of a `model_set_context`: lines that begin with a date, each with the lines that
    follow it; every line by itself where none has a date."""
    lines = [line for line in context.splitlines() if line.strip()]
    dated = [_DATED.match(line) for line in lines]
    if not any(dated):
        yield from ((None, _BULLET.sub("", line).strip()) for line in lines)
        return
    facts: list[tuple[datetime | None, list[str]]] = []
    for line, match in zip(lines, dated, strict=True):
        if match:
            facts.append((moment(match[1]), [match[2].strip()]))
        elif facts:
            facts[-1][1].append(line.strip())
        elif not line.rstrip().endswith(":"):
            facts.append((None, [_BULLET.sub("", line).strip()]))
    yield from ((since, "\n".join(parts).strip()) for since, parts in facts)


def unwrapped(text: str) -> str:
    """A custom instruction without the sentence to the model that ChatGPT wraps around it."""
    fenced = _FENCED.search(text) if text.startswith("The user provided") else None
    return fenced[1].strip() if fenced else text.strip()


def _merge(known: _Found, sighting: Sighting, since: datetime | None) -> None:
    known.since = _earlier(known.since, since)
    seen = [time for time in (known.last_seen, sighting.seen) if time]
    known.last_seen = max(seen, default=None)
    if sighting.learnt and not known.sighting.learnt:
        known.sighting = sighting


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two; of the same day the later, for the list of memories knows only days."""
    if one is None or other is None:
        return one or other
    return max(one, other) if one.date() == other.date() else min(one, other)


def _last_seen(found: _Found) -> float:
    return found.last_seen.timestamp() if found.last_seen else 0.0


def _item(found: _Found, superseded: bool) -> Item:
    metadata = {}
    if found.last_seen:
        metadata["last_seen"] = found.last_seen.isoformat()
    if superseded:
        metadata["superseded"] = "yes"
    return Item(
        text=found.text,
        kind=found.kind,
        remote_id=found.remote_id,
        title=_TITLES.get(found.kind, ""),
        created_at=found.since,
        conversation_id=found.sighting.conversation_id,
        message_id=found.sighting.message_id,
        metadata=metadata,
    )
