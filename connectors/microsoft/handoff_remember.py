"""Messages that ask Copilot to remember."""

from connectors.base.handing.remember import Remember


class CopilotRemember(Remember):
    name = "Copilot, saved memories"
    steps = (
        "In Copilot, open Settings, then Personalization or Memory, and see that it is on.",
        "Start a new chat and send the first message.",
        "Send the others in the same way, one at a time.",
        "To check, ask what Copilot remembers about you, or look at the memories in its settings.",
    )
    limits = (
        "Copilot decides what it saves, and Microsoft names no number. No import is known (March "
        "2026)."
    )
