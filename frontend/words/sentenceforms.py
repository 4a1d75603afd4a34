"""The form of an English sentence: its fixed words, and the values between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_VALUE = re.compile(r"%\((\w+)\)s")
_LONGEST = 200
"""Characters in one value: more is no name and no number."""


@dataclass(frozen=True)
class Form:
    """`words` are as a catalog has them: "%(name)s cannot be reached."."""

    words: str

    @cached_property
    def fixed(self) -> list[str]:
        return [part.replace("%%", "%") for part in _VALUE.split(self.words)[::2]]

    @cached_property
    def names(self) -> list[str]:
        return _VALUE.findall(self.words)

    def values(self, sentence: str) -> dict[str, str] | None:
        """What stands in the sentence where the form has values; None where it is not of this
        form. Each fixed part is looked for once, after the one before it, so whatever a value
        holds, this takes no longer than it takes to read the sentence."""
        first, last = self.fixed[0], self.fixed[-1]
        room = len(sentence) - len(first) - len(last)
        if room < 1 or not (sentence.startswith(first) and sentence.endswith(last)):
            return None
        found, rest = [], sentence[len(first) : len(first) + room]
        for part in self.fixed[1:-1]:
            value, _, rest = rest.partition(part)
            found.append(value)
        found.append(rest)
        values = dict(zip(self.names, found, strict=True))
        same = all(values[name] == value for name, value in zip(self.names, found, strict=True))
        return values if same and all(map(_is_value, found)) else None


def by_fixed_words(every: Iterable[str]) -> tuple[Form, ...]:
    """Forms of these words, those first that leave the least to chance."""
    forms = (Form(words) for words in dict.fromkeys(every))
    return tuple(sorted(forms, key=lambda one: -len("".join(one.fixed))))


def _is_value(text: str) -> bool:
    """One that goes on into another sentence is none: what a vendor said in several sentences does
    not end up within one of ours."""
    return 0 < len(text) <= _LONGEST and ". " not in text and "\n" not in text
