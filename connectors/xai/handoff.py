"""A text for Grok's custom instructions."""

from connectors.base.handing.profile import Profile


class GrokInstructions(Profile):
    name = "Grok, custom instructions"
    where = "Custom instructions, under Customize"
    steps = (
        "In Grok, open Settings, then Customize.",
        "Paste the text into the custom instructions and save.",
        "To check, start a new chat and ask what Grok knows about you.",
    )
    limits = (
        "xAI names no length, and no import is known (November 2026). The length is yours to "
        "choose; 1,500 characters should fit."
    )
