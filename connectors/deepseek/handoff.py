"""The first message of a chat with DeepSeek, which keeps no memories of its own."""

from connectors.base.handing.memory_text import DATA
from connectors.base.handing.profile import Profile
from connectors.base.handoff import Slice


class DeepSeekOpening(Profile):
    name = "DeepSeek, first message of a chat"
    where = "The first message of a new chat"
    word = "Message"
    steps = (
        "In DeepSeek, start a new chat and paste the text as the first message.",
        "Do the same in each new chat: nothing is kept from one to the next.",
        "To check, ask what it knows about you.",
    )
    limits = (
        "No memory, no instructions and no import are known (November 2026). A chat takes far "
        "more than 8,000 characters, but a short text leaves more for the talk."
    )

    def head(self, slice: Slice) -> str:
        return f"{DATA} Keep them in mind in this chat, and wait for my question."
