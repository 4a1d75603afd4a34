"""Marking sentences for translation in modules that the settings are made with."""


def gettext_noop(sentence: str) -> str:
    """The sentence itself. Django's own asks for the settings, and would take half of them."""
    return sentence
