"""The words that tell what a part of the map is about, from its memories' own words."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

from vault.search.lexical import STOP_WORDS

WORDS = 3
LONGEST = 600  # characters that are read of a memory
_WORD = re.compile(r"[^\W\d_]{3,24}")
_MORE = """
    user users assistant likes like likes want wants wanted use uses used using get gets make made
    new one two may also much many good well really need needs way thing things day days year years
    aber als auch auf aus bei bin bis das dass dem den der des die dies diese doch ein eine einem
    einen einer eines er es für hat habe haben ich ihr im ist kann mein meine mich mir mit nach
    nicht noch nur oder schon sehr sein sich sie sind und uns vom von war was wenn wie wir wird zum
    zur avec ces cette comme dans des elle est être fait les leur mais mes mon nous par pas plus
    pour que qui sans ses son sont sur une vous con como cuando del desde donde ella ellos entre
    era esta este esto hay las los más muy nos para pero por porque que sin sobre son sus una uno
    aos com das dos ela ele eles isso mais mas meu minha não nas nos num numa pela pelo pois quando
    que sem ser seu sua também tem uma você
"""
_PASSED = STOP_WORDS | frozenset(_MORE.split())


def typical(texts: Sequence[str], parts: Sequence[int], count: int) -> list[tuple[str, ...]]:
    """For each of `count` parts up to three words, the most telling first; none where nothing is.

    `parts` says of each text which part it is in. A word tells more the more of its part's texts
    have it, and the fewer of the others.
    """
    spelled: dict[str, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    here: list[Counter[str]] = [Counter() for _ in range(count)]
    sizes = Counter(parts)
    for text, part in zip(texts, parts, strict=True):
        words = {word.casefold(): word for word in _WORD.findall(text[:LONGEST])}
        telling = words.keys() - _PASSED
        everywhere.update(telling)
        here[part].update(telling)
        for word in telling:
            spelled.setdefault(word, Counter())[words[word]] += 1
    total = len(texts)
    return [
        _best(counted, sizes[part], everywhere, total, spelled) for part, counted in enumerate(here)
    ]


def _best(
    counted: Counter[str],
    size: int,
    everywhere: Counter[str],
    total: int,
    spelled: dict[str, Counter[str]],
) -> tuple[str, ...]:
    least = 2 if size > 3 else 1
    scored = sorted(
        (-count * log(count * total / (size * everywhere[word])), word)
        for word, count in counted.items()
        if count >= least and count * total > size * everywhere[word]
    )
    chosen = _unlike(word for _, word in scored)
    return tuple(min(spelled[word], key=lambda one: (-spelled[word][one], one)) for word in chosen)


def _unlike(words: Iterable[str]) -> list[str]:
    """The first few that do not begin alike: of "river" and "rivers" one is enough."""
    chosen: list[str] = []
    for word in words:
        if not any(word[:4] == other[:4] for other in chosen):
            chosen.append(word)
        if len(chosen) == WORDS:
            break
    return chosen
