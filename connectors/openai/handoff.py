"""Texts for ChatGPT's two fields of custom instructions."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.base.handing.filling import Layout, Text, fill
from connectors.base.handing.memory_text import (
    ANSWERS,
    DATA,
    HEADINGS,
    KINDS_ONLY,
    ONE_LINE,
    SECTIONS,
    MemoryHandoff,
    bullet,
    section,
)
from connectors.base.handing.notes import Note, merged
from connectors.base.handoff import Part, Slice

_LONGEST = 1_500
_INSTRUCTIONS = "Custom instructions"
_ANSWERS = "These are my notes on how I like answers. What I ask in a chat goes before them."
_ABOUT = Layout(_LONGEST, bullet, DATA, section=section, sections=HEADINGS)
_HOW = Layout(_LONGEST, bullet, f"{_ANSWERS}\n")


class CustomInstructions(MemoryHandoff):
    name = "ChatGPT, custom instructions"
    group = "assistant"
    form = "text"
    steps = (
        "In ChatGPT, open Settings, then Personalization, and see that customization is on.",
        "Paste the text for how to answer into Custom instructions, and the one about you into "
        "More about you. Where there is a text already, put them together within the length.",
        "Save.",
        "To check, start a new chat and ask what ChatGPT knows about you.",
    )
    limits = (
        f"Two fields of {_LONGEST:,} characters each: so several say in 2026. OpenAI's help names "
        "the fields, not their length."
    )
    sure = "reported"
    source = "https://help.openai.com/en/articles/8096356-custom-instructions-for-chatgpt"
    lost: ClassVar[tuple[str, ...]] = (ONE_LINE, KINDS_ONLY)

    def written(
        self, notes: list[Note], slice: Slice
    ) -> tuple[Sequence[Part], Sequence[Text], Mapping[str, int]]:
        how = [note for note in notes if SECTIONS.get(note.kind) == ANSWERS]
        about = [note for note in notes if SECTIONS.get(note.kind) != ANSWERS]
        hows, no_hows = fill(how, _HOW)
        abouts, no_abouts = fill(about, _ABOUT)
        parts = [Part("How to answer", one.written(), _INSTRUCTIONS, _LONGEST) for one in hows]
        parts += [Part("About you", one.written(), "More about you", _LONGEST) for one in abouts]
        return parts, [*hows, *abouts], merged(no_hows, no_abouts)
