"""A block for the system prompt of a model that people run themselves."""

from typing import ClassVar

from connectors.base.handing.filling import Layout
from connectors.base.handing.memory_text import Pastes
from connectors.base.handing.notes import DOUBTS
from connectors.base.handing.prompt_budget import BUDGET, prompt_layout
from connectors.base.handoff import Choice, Slice


class SystemPrompt(Pastes):
    name = "System prompt for a model of your own"
    group = "own"
    choices: ClassVar[tuple[Choice, ...]] = (DOUBTS, BUDGET)
    where = "The system prompt"
    word = "System prompt"
    steps = (
        "Copy the text.",
        "Paste it into the system prompt of your chat page or program, after what is there.",
        "To check, ask the model what it knows about you.",
    )
    limits = (
        "As many tokens as you choose. They are estimated on the high side, since each model "
        "counts in its own way."
    )

    def layout(self, slice: Slice) -> Layout:
        return prompt_layout(slice)
