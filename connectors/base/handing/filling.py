"""Fills texts with notes up to a limit, the most important first, and never cuts one.

A note that does not fit is passed over and shorter ones after it still get in. Where several texts
are allowed, a fuller one is left behind for good: each holds what matters more than the next.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from connectors.base.handing.notes import NO_ROOM, TOO_LONG, Note
from connectors.base.handoff import length


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text looks: `head` and `foot` around it, a line for each note, under the heading of its
    section. `sections` gives their order; headings of "" are not written, and none is where the
    text is not `headed`. `most` is what the whole text may measure, `count` how many notes it may
    hold."""

    most: int
    line: Callable[[Note], str]
    head: str = ""
    foot: str = ""
    section: Callable[[Note], str] = lambda note: ""
    sections: Sequence[str] = ("",)
    headed: bool = True
    count: int | None = None
    measure: Callable[[str], int] = length


@dataclass(slots=True)
class Text:
    """One text while it is filled. Its measure is kept as the sum of its lines."""

    layout: Layout
    lines: dict[str, list[str]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    used: int = 0

    def __post_init__(self) -> None:
        self.used = sum(self._cost(part) for part in (self.layout.head, self.layout.foot) if part)

    def add(self, note: Note) -> bool:
        """Whether it fitted."""
        heading, line = self.layout.section(note), self.layout.line(note)
        cost = self._cost(line)
        if heading not in self.lines and self._shows(heading):
            cost += self._cost(f"\n{heading}")
        full = self.layout.count is not None and len(self.kept) >= self.layout.count
        if full or self.used + cost > self.layout.most:
            return False
        self.lines.setdefault(heading, []).append(line)
        self.kept.append(note.id)
        self.used += cost
        return True

    def written(self) -> str:
        """The whole of it: head, the sections that hold something in their order, foot."""
        parts = [self.layout.head] if self.layout.head else []
        known = [one for one in self.layout.sections if one in self.lines]
        for heading in [*known, *(one for one in self.lines if one not in known)]:
            parts += [f"\n{heading}"] if self._shows(heading) else []
            parts += self.lines[heading]
        parts += [self.layout.foot] if self.layout.foot else []
        return "\n".join(parts).lstrip("\n")

    def _shows(self, heading: str) -> bool:
        return self.layout.headed and heading != ""

    def _cost(self, part: str) -> int:
        return self.layout.measure(f"{part}\n")


def fill(
    notes: Iterable[Note], layout: Layout, most: int | None = 1
) -> tuple[list[Text], Counter[str]]:
    """At most so many texts, None for as many as are needed; and why notes are in none of them."""
    texts: list[Text] = []
    left_out: Counter[str] = Counter()
    for note in notes:
        if texts and texts[-1].add(note):
            continue
        fresh = Text(layout)
        if not fresh.add(note):
            left_out[TOO_LONG] += 1
        elif most is not None and len(texts) >= most:
            left_out[NO_ROOM] += 1
        else:
            texts.append(fresh)
    return texts, left_out


def kept_in_order(notes: Iterable[Note], texts: Iterable[Text]) -> tuple[str, ...]:
    """The ids in `texts`, in the order of `notes`."""
    kept = {one for text in texts for one in text.kept}
    return tuple(note.id for note in notes if note.id in kept)
