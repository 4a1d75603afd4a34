"""A text for Copilot's custom instructions."""

from connectors.base.handing.profile import Profile


class CopilotInstructions(Profile):
    name = "Copilot, custom instructions"
    where = "Custom instructions, under Personalization"
    steps = (
        "In Copilot, open Settings, then Personalization.",
        "Paste the text into Custom instructions and save.",
        "To check, start a new chat and ask what Copilot knows about you.",
    )
    limits = (
        "Microsoft names no length, and no import is known (March 2026). The length is yours to "
        "choose; 1,500 characters should fit."
    )
