"""Whether two memories are one where the owner is asked: of a place its country, of a name that it
is one, may be told by only one of them.

Where nobody is asked, `compare` alone decides: the fuller one holds a little more.
"""

import re
from dataclasses import dataclass

from vault.search import wording as w
from vault.search.compare import Said, Verdict, compare

_CALLED = re.compile(r",? (?:called|named) (?=[^\W\d_])")
_COUNTRY = re.compile(
    r"\b(?P<place>[A-Z][\w'\u2019-]*), (?:the )?(?P<country>(?:[A-Z]\w+ )?[A-Z]\w+)\b"
    r"(?! ?(?:,|&|and\b|or\b))"
)
_UNITED = frozenset({"united kingdom", "united states"})


@dataclass(frozen=True, slots=True)
class Told:
    """A memory made ready: as it is, and, where that is less, without country and "called"."""

    said: Said
    shorter: Said | None

    @classmethod
    def of(cls, text: str) -> "Told":
        said = Said.of(text)
        short = _COUNTRY.sub(_without, _CALLED.sub(", ", text)) if said.single else text
        return cls(said, Said.of(short) if short != text else None)


def weigh(one: Told, other: Told) -> Verdict | None:
    """As `compare`; what one of them tells besides counts only where both tell it."""
    verdict = compare(one.said, other.said)
    if verdict is None and (one.shorter is None) != (other.shorter is None):
        return compare(one.shorter or one.said, other.shorter or other.said)
    return verdict


def _without(found: re.Match[str]) -> str:
    place, country = found["place"], found["country"]
    holds = country.casefold() in _UNITED or w.root(country.split()[-1].casefold()) in w.PLACES
    return place if holds and w.root(place.casefold()) not in w.PLACES else found[0]
