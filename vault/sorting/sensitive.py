"""What in a text is sensitive: by patterns, and by words and meaning together.

In doubt a text is taken for sensitive: to look at one memory too many in a private collection
costs its owner little.
"""

from collections.abc import Iterator, Sequence

from vault.marked import gettext_noop
from vault.sorting import credentials, numbers
from vault.sorting.head import SOFT
from vault.sorting.looks import Look
from vault.sorting.matters import Matter, Sign
from vault.sorting.words import hits

_LEAN, _LEAN_BY_WORD = 0.3, 0.8
"""How far the benefit of the doubt goes, in logits: further where a word speaks for the matter."""
_NAMES: dict[Matter, str] = {
    "health": gettext_noop("health"),
    "money": gettext_noop("money matters"),
    "beliefs": gettext_noop("religion or politics"),
    "sexuality": gettext_noop("sexuality"),
}


def hard_signs(text: str, *, spoken: bool = True) -> list[Sign]:
    """Credentials, identity and account numbers. `spoken` False for what a model wrote."""
    return [*credentials.signs(text, spoken=spoken), *numbers.signs(text)]


def soft_signs(look: Look, *, caution: float = 0.0) -> Iterator[Sign]:
    """Health, money, beliefs and sexuality. `caution` asks for that much more before it speaks."""
    for matter, name in _NAMES.items():
        found = look.found(matter)
        if look.scores:
            lean = _LEAN_BY_WORD if found.strong or found.weak else _LEAN
            sure = look.scores[matter] + lean > caution
        else:
            sure = bool(found.strong) or found.weak >= 2
        if sure:
            word = f"the word “{found.strong[0]}”" if found.strong else "close in meaning"
            yield Sign(matter, f"{word}: {name}")


def hinted(words: Sequence[str]) -> bool:
    """Whether a word makes it worth while to look closer."""
    found = hits(words)
    return any(found[label].strong for label in SOFT if label in found)
