"""The word lists of words.toml and names.toml, ready to be searched for."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vault.sorting.lexicon import Lexicon

_STRONG, _WEAK = "strong:", "weak:"


@dataclass(frozen=True, slots=True)
class Hits:
    """Different phrases found: those that tell a label nearly alone, and how many that help."""

    strong: tuple[str, ...] = ()
    weak: int = 0


NOTHING = Hits()


def hits(words: Sequence[str]) -> Mapping[str, Hits]:
    """For each label that a word speaks for. Phrases in which a telling word means something else
    ("bank holiday") do not count."""
    harmless, telling = _tables()
    found = telling.phrases(harmless.without(words))
    labels = {name.partition(":")[2] for name in found}
    return {
        label: Hits(tuple(found.get(_STRONG + label, ())), len(found.get(_WEAK + label, ())))
        for label in labels
    }


@cache
def common_words() -> frozenset[str]:
    """Words that are no passwords, though they stand where one would."""
    return frozenset(_file("names.toml")["common"])


@cache
def collection_names() -> dict[str, frozenset[str]]:
    """For each label, the words of a collection's name that speak of it."""
    return {label: frozenset(names) for label, names in _file("names.toml")["names"].items()}


def _file(name: str) -> dict[str, Any]:
    with Path(__file__).with_name(name).open("rb") as file:
        return tomllib.load(file)


@cache
def _tables() -> tuple[Lexicon, Lexicon]:
    lists = _file("words.toml")
    harmless = Lexicon({"harmless": lists.pop("harmless")})
    strong = {_STRONG + label: one["strong"] for label, one in lists.items()}
    weak = {_WEAK + label: one.get("weak", ()) for label, one in lists.items()}
    return harmless, Lexicon(strong | weak)
