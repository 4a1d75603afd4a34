"""Hand-offs that are one text about the person, within a length: for fields of instructions, for
the first message of a chat, for a system prompt."""

from typing import ClassVar

from connectors.base.handing.filling import Layout
from connectors.base.handing.memory_text import DATA, HEADINGS, Pastes, bullet, section
from connectors.base.handing.notes import DOUBTS
from connectors.base.handoff import Choice, Slice

LENGTH = Choice(
    "length",
    "How long",
    (("1500", "Up to 1,500 characters"), ("4000", "Up to 4,000"), ("8000", "Up to 8,000")),
    help="Nobody says how much fits there. If the field cuts the text, take a shorter one.",
)


class Profile(Pastes):
    """One text: what it is, then the notes under a heading for each kind."""

    group = "assistant"
    word = "Text"
    choices: ClassVar[tuple[Choice, ...]] = (DOUBTS, LENGTH)

    def layout(self, slice: Slice) -> Layout:
        longest, head = int(LENGTH.answer(slice.options)), self.head(slice)
        return Layout(longest, bullet, head, section=section, sections=HEADINGS)

    def head(self, slice: Slice) -> str:
        """What stands before the notes, and says what they are."""
        return DATA
