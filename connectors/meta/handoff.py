"""Messages that ask Meta AI to remember."""

from connectors.base.handing.remember import Remember


class MetaRemember(Remember):
    name = "Meta AI, saved memories"
    steps = (
        "In the Meta AI app or on meta.ai, start a new chat and send the first message.",
        "Send the others in the same way, one at a time.",
        "To check, ask what Meta AI remembers about you, or look at the memories in its settings.",
    )
    limits = (
        "Meta AI decides what it saves. No import and no numbers are known (November 2026), and "
        "memory is not there in every country."
    )
