"""The face of a vendor that memories are handed off to: the exact text or files it accepts."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from connectors.base.types import Conversation, Item

Group = Literal["assistant", "project", "agent", "format", "own"]
Takes = Literal["memories", "conversations", "both"]
Form = Literal["text", "file", "zip"]
Sure = Literal["documented", "reported", "unknown"]


@dataclass(frozen=True, slots=True)
class Held:
    """One memory to hand off. `id` names it in our vault and tells nothing; `origin` is the slug of
    the vendor it was learnt from, "you" or "app", "" when nothing says. An `item` of the kind
    "episode" is something that was said, by `role`, as the `position`th of `item.conversation_id`.
    """

    id: str
    item: Item
    collection: str = ""
    origin: str = ""
    confirmed: bool = True
    role: str = ""
    speaker: str = ""
    position: int = 0
    branch: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """What the person chose: memories, the most important first, and whole conversations, which
    can be gone through several times and come in the same order each time. `owner` is what they
    are called, "" when they did not say; `now` is when it is made."""

    held: Sequence[Held]
    now: datetime
    conversations: Iterable[Conversation] = ()
    owner: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One text to paste or one file to take along. `most` is the `length` that its place takes,
    None where nothing is said; `where` says which field or folder it belongs in.

    A file that may be long has no `text` but a `stream`, which begins anew at each call and raises
    whatever the reading of the slice raises.
    """

    name: str
    text: str = ""
    where: str = ""
    most: int | None = None
    stream: Callable[[], Iterable[str]] | None = None

    def pieces(self) -> Iterator[str]:
        """All of it, whether it is text or a stream."""
        yield from (self.text,) if self.stream is None else self.stream()


@dataclass(frozen=True, slots=True)
class Handout:
    """What is handed off. `kept` are the ids in it: of memories, the most important first, then of
    conversations. `left_out` counts the others by reason, a sentence; `lost` says in sentences what
    the form cannot hold."""

    parts: tuple[Part, ...]
    kept: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the person can choose about a hand-off; the first of `choices` is the default.
    `other` is a pattern of what may be typed instead, "" where nothing may."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    help: str = ""
    other: str = ""

    def answer(self, options: Mapping[str, str]) -> str:
        """What was chosen; the default when nothing was, or nothing that is allowed."""
        said = options.get(self.name, "")
        allowed = said in dict(self.choices) or (self.other and re.fullmatch(self.other, said))
        return said if allowed else self.choices[0][0]


class Handoff(ABC):
    """Writes one form. Stateless and pure: `make` answers the same for the same slice.

    A file `handoff.py`, or `handoff_<what>.py` where a vendor has several, holds one.
    """

    name: ClassVar[str]
    """What people call it: "Claude, memory import"."""
    group: ClassVar[Group]
    form: ClassVar[Form]
    """Text is pasted, part by part; files are downloaded, several as one zip, one as it is; "zip"
    is one zip even of a single file, for the target asks for a zip."""
    takes: ClassVar[Takes] = "memories"
    steps: ClassVar[tuple[str, ...]]
    """What to do with it, one step a sentence; the last says how to check that it arrived."""
    limits: ClassVar[str]
    """What the target accepts, in a sentence, with how sure that is and since when it was so."""
    sure: ClassVar[Sure] = "unknown"
    """Whether its maker says what it accepts, or only others do, or nobody."""
    source: ClassVar[str] = ""
    """The address where the target's maker says so, "" if it does not."""
    choices: ClassVar[tuple[Choice, ...]] = ()

    @abstractmethod
    def make(self, slice: Slice) -> Handout:
        """The form with as much of `slice` as fits, the most important first. With nothing to hand
        off it has no parts."""


def length(text: str) -> int:
    """Characters as the fields of web pages count them: those beyond the first 65,536 are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
