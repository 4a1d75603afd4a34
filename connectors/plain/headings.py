"""What words say about a list: which kind stands under a heading, and what is talk around it."""

import re

from connectors.base.types import Kind

_WORDS: tuple[tuple[Kind, str], ...] = (
    ("preference", r"preferen|\blikes?\b|dislikes?|tastes?\b|interests?\b|hobb(?:y|ies)"),
    (
        "instruction",
        r"instruct|\brules?\b|guideline|how to (?:respond|answer|behave|write)|"
        r"response (?:style|format)|\bbehaviou?r|\balways\b|\bnever\b",
    ),
    ("event", r"\bevents?\b|timeline|milestone|\bdated\b|appointments?"),
    (
        "profile",
        r"personal|demographic|\bprofile\b|\bidentity\b|about (?:me|you|the user|yourself)|"
        r"background|relationship|\bfamily\b|who i am|\bbio(?:graphy)?\b",
    ),
    ("skill", r"\bprompts?\b|workflows?\b"),
    ("fact", r"\bfacts?\b|project|goal|\btools?\b|languages|framework|\bwork\b|topics?\b|context"),
)
_KNOWN = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)
_CHATTER = re.compile(
    r"(?:sure|of course|certainly|okay|here(?:.s| is| are)|below (?:is|are)|that(?:.s| is| was)"
    r"|this is (?:the|a|every)|these are|let me know|would you like|if you|i (?:don.t|do not) have"
    r"|imported from|my ai name|yes,|no (?:other|more|further)|nothing (?:else|more))\b",
    re.I,
)
_LONGEST = 90
_DECORATION = "#*_=~`[]()<>:.0123456789 \t-–—•"  # noqa: RUF001 - dashes that assistants write


def kind_under(heading: str) -> Kind | None:
    """The kind of what stands under `heading`; None if its words say nothing of that."""
    words = heading[:_LONGEST]
    return next((kind for kind, known in _KNOWN if known.search(words)), None)


def bare(heading: str) -> str:
    """`heading` without numbers, stars and colons around it."""
    return heading.strip(_DECORATION)


def is_chatter(text: str) -> bool:
    """Whether it is what an assistant says before or after its list."""
    return _CHATTER.match(text.lstrip("*_ ")) is not None
