"""Messages that ask ChatGPT to save memories."""

from connectors.base.handing.remember import Remember


class ChatGPTRemember(Remember):
    name = "ChatGPT, saved memories"
    steps = (
        "In ChatGPT, open Settings, then Personalization, and see that memory is on.",
        "Start a new chat, send the first message and wait for the note that memory was updated.",
        "Send the others in the same way, one at a time.",
        "To check, look at the memories under Settings, Personalization.",
    )
    limits = (
        "ChatGPT decides what it saves, has room for a limited number, and OpenAI names none. "
        "Small batches are saved more faithfully; no import is known (November 2026)."
    )
    source = "https://help.openai.com/en/articles/8590148-memory-faq"
