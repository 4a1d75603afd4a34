"""The word lists of wording.toml, made ready for looking up."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_LISTS: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
_ENDINGS: Final = (
    *(("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")),
    *(("ying", "y"), ("ing", ""), ("ed", ""), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", "")),
)


def stem(word: str) -> str:
    """The part of an English word that its endings leave alone, roughly."""
    if len(word) < 4 or not word.isascii() or word[-1].isdigit():
        return word
    for ending, put in _ENDINGS if word[-1] in "sdg" else ():
        if word.endswith(ending) and len(word) - len(ending) + len(put) >= 3:
            word = word[: -len(ending)] + put
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sle":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def root(word: str) -> str:
    """One form for every form of a word and for words that mean the same."""
    if word in SYNONYMS:
        return SYNONYMS[word]
    short = stem(word)
    return SYNONYMS.get(short, short)


def _same(groups: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for group in groups:
        first, *others = group.split()
        for other in others:
            pairs[other] = pairs[stem(other)] = stem(first)
    return pairs


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


def _roots(name: str) -> frozenset[str]:
    return frozenset(map(root, _LISTS[name].split()))


def _pairs(name: str) -> frozenset[tuple[str, str]]:
    """Verbs, each with a preposition or with none."""
    parts = (pair.partition(" ") for pair in _LISTS[name])
    return frozenset((root(verb), prep) for verb, _, prep in parts)


def _firsts(name: str) -> dict[str, str]:
    return {word: group.split()[0] for group in _LISTS[name] for word in group.split()}


SYNONYMS: Final = _same(_LISTS["synonyms"])
OPPOSITES: Final = tuple(frozenset(map(root, group.split())) for group in _LISTS["opposites"])
ADJUSTABLE: Final = _roots("adjustable") | {"", "be"}
COLLECTING: Final = _roots("collecting") | {"", "be"}
ONE_PLACE: Final = _pairs("one_place")
ONE_OF: Final = _pairs("one_of")
ONE_EACH: Final = _roots("one_each")
LABELS: Final = _roots("labels")
PLACES: Final = _roots("places")
LANGUAGES: Final = _roots("languages")
WEEKDAYS: Final = _roots("weekdays")
VERBS: Final = _roots("verbs") | {"have", "can"}
PAST: Final = _words("past")
LIGHT: Final = _words("light")
TURNED: Final = _words("turned")
NEGATIONS: Final = _words("negations")
BE: Final = _words("be")
PREPOSITIONS: Final = _firsts("prepositions")
MONTHS: Final = {
    name: number
    for number, names in enumerate(_LISTS["months"], 1)
    for name in names.split()
}  # fmt: skip
COUNTS: Final = {
    **{word: str(number) for number, word in enumerate(_LISTS["counts"].split())},
    **{"once": "1", "twice": "2", "dozen": "12", "twenty": "20", "thirty": "30", "hundred": "100"},
}
WRAPPERS: Final = re.compile("|".join(_LISTS["wrappers"]), re.IGNORECASE)
PHRASES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), put) for pattern, put in _LISTS["phrases"]
)
ANY_PHRASE: Final = re.compile(
    "|".join(f"(?:{pattern})" for pattern, _ in _LISTS["phrases"]), re.IGNORECASE
)
