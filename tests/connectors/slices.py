"""Slices of an invented vault, for tests of hand-offs."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from connectors.base.handoff import Handoff, Handout, Held, Slice
from connectors.base.types import Conversation, Item, Kind, Turn

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KINDS = tuple(kind for kind in get_args(Kind) if kind != "episode")
_WORDS = ("prefers tea", "walks along", "the river", "works as", "a gardener", "plays cello")


def held(name: str, text: str, kind: Kind = "fact", **more: Any) -> Held:
    """A memory; what is no field of `Held` belongs to its item."""
    own = {key: more.pop(key) for key in ("collection", "origin", "confirmed") if key in more}
    return Held(name, Item(text, kind, **{"created_at": NOW - timedelta(days=9), **more}), **own)


def many(count: int) -> list[Held]:
    """Memories of all kinds, in several collections and of many lengths, each with a word that no
    other has."""
    return [_one(number) for number in range(count)]


def _one(number: int) -> Held:
    text = f"mark{number:05d}x " + " ".join(_WORDS[: 1 + number * 7 % 6] * (1 + number % 11))
    if number % 97 == 0:
        text = text + " and much more" * 900  # no short form holds it
    return held(
        f"{number:032x}",
        text,
        KINDS[number % len(KINDS)],
        collection=("", "Work", "Home", "Health")[number % 4],
        origin=("", "you", "openai")[number % 3],
        confirmed=number % 5 > 0,
        created_at=None if number % 13 == 0 else NOW - timedelta(days=number % 900),
        valid_until=NOW - timedelta(days=40) if number % 17 == 0 else None,
    )


def talk(name: str, *texts: str, **more: Any) -> Conversation:
    """A conversation that takes turns; its messages a minute apart."""
    turns = []
    for position, text in enumerate(texts):
        role = "assistant" if position % 2 else "user"
        parent = f"{name}-{position - 1}" if position else ""
        at = NOW - timedelta(days=1) + timedelta(minutes=position)
        turns.append(
            Turn(f"{name}-{position}", role, text, position, created_at=at, parent_id=parent)
        )
    return Conversation(name, f"About {name}", tuple(turns), **more)


@dataclass(frozen=True)
class Talks:
    """Conversations that are made anew each time they are gone through."""

    count: int

    def __iter__(self) -> Iterator[Conversation]:
        for number in range(self.count):
            yield talk(f"t{number}", f"mark{number:05d}q asked", "answered", "and then?", "this")


def cut(to: Handoff, memories: Sequence[Held] = (), talks: Any = (), /, **options: str) -> Handout:
    """What `to` makes of them; of memories or conversations only what it takes."""
    return to.make(
        Slice(
            memories if to.takes != "conversations" else (),
            NOW,
            talks if to.takes != "memories" else (),
            options=options,
        )
    )


def defaults(to: Handoff) -> Mapping[str, str]:
    return {choice.name: choice.choices[0][0] for choice in to.choices}


def files(made: Handout) -> dict[str, str]:
    """The parts, each as one text."""
    found = {part.name: "".join(part.pieces()) for part in made.parts}
    assert len(found) == len(made.parts), "two parts have one name"
    return found


def said_in(made: Handout) -> list[str]:
    """Everything that the parts say: of JSON the strings in it, else the text."""
    return [text for content in files(made).values() for text in _strings(content)]


def bare(text: str) -> str:
    """Its letters and digits alone: what every form keeps, however it quotes the rest."""
    return re.sub(r"[\W_]+", "", text)


def _strings(content: str) -> Iterator[str]:
    values = _json(content)
    if values is None:
        yield content
        return
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            values += [*value, *value.values()] if isinstance(value, dict) else value


def _json(content: str) -> list[Any] | None:
    """The values of JSON, or of JSON lines; None for other text."""
    try:
        return [json.loads(content)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in content.splitlines() if line] or None
    except ValueError:
        return None
