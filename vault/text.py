"""What a memory's words may hold: text that people and models read, and nothing that hides."""

import re
import unicodedata

from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.errors import Invalid

LONGEST = 100_000
"""Characters in one memory."""

# Control characters except tab and newline, bidi overrides, zero-width characters (but not the
# joiners that scripts and emoji need), tag characters, lone surrogates, and the private-use
# marks that chat exports put around citations.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff0-\ufffb\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)


def unhidden(text: str) -> str:
    """The same text, spaces around it and all, without anything invisible that could mislead a
    reader or a model. Lines end in a line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _HIDDEN.sub("", lines))


def clean(text: str) -> str:
    """The same words without anything invisible that could mislead a reader or a model."""
    return unhidden(text).strip()


def exact(text: str) -> str:
    """What a file holds: it may be empty, and its spaces count. Invalid when it is too long."""
    words = unhidden(text)
    if len(words) > LONGEST:
        raise Invalid(
            gettext("This is too long for one file: at most %(most)s characters.")
            % {"most": number_format(LONGEST, force_grouping=True)},
            "text",
        )
    return words


def checked(text: str) -> str:
    """Cleaned words fit for a memory. Invalid when nothing is left or there is too much."""
    words = clean(text)
    if not words:
        raise Invalid(gettext("Write what is to be remembered."), "text")
    if len(words) > LONGEST:
        raise Invalid(
            gettext("This is too long for one memory: at most %(most)s characters.")
            % {"most": number_format(LONGEST, force_grouping=True)},
            "text",
        )
    return words


def folded(text: str) -> str:
    """Words as they are compared for exact duplicates: case, spaces and end marks aside."""
    return " ".join(clean(text).casefold().split()).rstrip(".!")
