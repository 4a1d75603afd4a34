"""Memories for Le Chat, one by one: it has no import."""

from typing import ClassVar

from connectors.base.handing.filling import Layout
from connectors.base.handing.harmless import item
from connectors.base.handing.memory_text import Pastes
from connectors.base.handing.notes import DOUBTS, Note
from connectors.base.handoff import Choice, Slice

_LONGEST = 1_000
_MANY = Choice(
    "memories",
    "How many memories",
    (("20", "The 20 that matter most"), ("50", "50"), ("5", "5")),
    help="Each is added by hand.",
)


class LeChat(Pastes):
    name = "Le Chat, memories one by one"
    group = "assistant"
    choices: ClassVar[tuple[Choice, ...]] = (DOUBTS, _MANY)
    where = "A new memory"
    word = "Memory"
    steps = (
        "In Le Chat, open the settings and the page of its memories.",
        "Add a memory and paste the first text; the same for each of them.",
        "To check, look at the list there.",
    )
    limits = (
        "Memories can be seen, added, edited and deleted; an import is not documented, nor how "
        f"long a memory may be (August 2026). We write up to {_LONGEST:,} characters."
    )
    sure = "documented"
    source = "https://docs.mistral.ai/"

    def layout(self, slice: Slice) -> Layout:
        return Layout(_LONGEST, _line, count=1)

    def most(self, slice: Slice) -> int | None:
        return int(_MANY.answer(slice.options))


def _line(note: Note) -> str:
    return f"{item(note.text)}{note.remarks}"
