"""The memories of a slice as notes to write down: which of them go along, and what is said of each.

What is no longer true, or not yet, says so. What was said in conversations is no memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.base.handing.harmless import one_line, short, visible
from connectors.base.handoff import Choice, Held, Slice
from connectors.base.ids import same_text
from connectors.base.registry import vendors
from connectors.base.types import Kind

SAID = "It was said in a conversation and is no memory of its own."
SAME = "Another memory says the same."
EMPTY = "It has no text."
NOT_CONFIRMED = "You did not confirm it, and chose to leave out such memories."
TOO_LONG = "It is too long for this place. Memories are never cut."
NO_ROOM = "There was no room left after those that matter more."

DOUBTS = Choice(
    "doubts",
    "Memories you did not confirm",
    (
        ("mark", "Say so beside each"),
        ("plain", "Take them along like the others"),
        ("leave", "Leave them out"),
    ),
    help="What vendors and apps brought is not confirmed until you did so.",
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_NAME = 80
_PLACES = {"you": "you", "app": "an app"}


@dataclass(frozen=True, slots=True)
class Note:
    """One memory that goes along. `text` is on one line and harmless (`harmless.one_line`), `full`
    has its lines; `day` is when it was learnt as in "2026-01-02", "" when that is not known;
    `origin` is the name of the vendor it was learnt from, "you" or "an app", "" when nothing says;
    `about` is what has to be said of it in words, such as "until March 2024"."""

    id: str
    kind: Kind
    text: str
    full: str
    title: str
    day: str
    collection: str
    origin: str
    about: tuple[str, ...] = ()

    @property
    def remarks(self) -> str:
        """`about` as it follows the text: " (until March 2024)", or nothing."""
        return f" ({', '.join(self.about)})" if self.about else ""


def notes_of(slice: Slice) -> tuple[list[Note], Counter[str]]:
    """Those that go along, the most important first, and how many do not by reason."""
    left_out: Counter[str] = Counter()
    found, seen = [], set[str]()
    doubts = DOUBTS.answer(slice.options)
    for held in slice.held:
        said = same_text(held.item.text)
        if reason := _reason(held, doubts) or (SAME if said in seen else ""):
            left_out[reason] += 1
            continue
        seen.add(said)
        found.append(_note(held, slice.now, doubts))
    return found, left_out


def owner_of(slice: Slice) -> str:
    """What the owner is called, on one line; "the person" when they did not say."""
    return short(slice.owner, _NAME) or "the person"


def month(when: datetime) -> str:
    """As in "March 2024"."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def merged(*counts: Mapping[str, int]) -> dict[str, int]:
    """Reasons counted in several places, without those that were not needed."""
    total = sum((Counter(one) for one in counts), Counter[str]())
    return dict(sorted(total.items()))


def _reason(held: Held, doubts: str) -> str:
    if held.item.kind == "episode":
        return SAID
    if not one_line(held.item.text):
        return EMPTY
    return NOT_CONFIRMED if doubts == "leave" and not held.confirmed else ""


def _note(held: Held, now: datetime, doubts: str) -> Note:
    item = held.item
    learnt = item.created_at or item.updated_at
    return Note(
        held.id,
        item.kind,
        one_line(item.text),
        visible(item.text).strip(),
        short(item.title, _NAME),
        learnt.date().isoformat() if learnt else "",
        short(held.collection, _NAME),
        _origin(held.origin),
        tuple(_about(held, now, doubts)),
    )


def _origin(slug: str) -> str:
    known = vendors().get(slug)
    return known.name if known else _PLACES.get(slug, "")


def _about(held: Held, now: datetime, doubts: str) -> Iterator[str]:
    since, until = held.item.valid_from, held.item.valid_until
    if since and since > now:
        yield f"from {month(since)}"
    if until:
        yield f"{'was true until' if until <= now else 'until'} {month(until)}"
    if not held.confirmed and doubts == "mark":
        yield "not confirmed"
