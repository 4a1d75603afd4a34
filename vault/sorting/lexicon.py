"""Words and phrases, found in a text whatever its case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

_BETWEEN = re.compile(r"[^\w]+|_+")
_MOST_CHARACTERS = 4000


def words_of(text: str, limit: int = _MOST_CHARACTERS) -> list[str]:
    """The words of the first `limit` characters as they are compared: small, without accents."""
    bare = text[:limit].casefold()
    if not bare.isascii():
        apart = unicodedata.normalize("NFKD", bare)
        bare = "".join(char for char in apart if not unicodedata.combining(char))
    return [word for word in _BETWEEN.split(bare) if word]


class Lexicon:
    """Lists of phrases by name, all looked for in one pass. A star at the end of a word stands for
    any ending, one alone for any word: "earn * an hour", "diagnos*"."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._whole: dict[str, list[tuple[str, list[str]]]] = {}
        self._stems: dict[str, list[tuple[str, list[str]]]] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                first, *rest = phrase.split()
                table = self._stems if first.endswith("*") else self._whole
                table.setdefault(first.rstrip("*"), []).append((name, rest))
        self._lengths = sorted({len(stem) for stem in self._stems})

    def find(self, words: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        """(name of the list, start, end) of its longest phrase at each place; those of one list do
        not overlap."""
        busy: dict[str, int] = {}
        for at, word in enumerate(words):
            for name, end in self._at(words, at, word).items():
                if busy.get(name, 0) <= at:
                    busy[name] = end
                    yield name, at, end

    def phrases(self, words: Sequence[str]) -> dict[str, list[str]]:
        """By list, the different phrases that were found, the first first."""
        found: dict[str, dict[str, None]] = {}
        for name, start, end in self.find(words):
            found.setdefault(name, {})[" ".join(words[start:end])] = None
        return {name: list(phrases) for name, phrases in found.items()}

    def without(self, words: Sequence[str]) -> list[str]:
        """The words with every phrase cut out. For a lexicon of one list."""
        kept, last = [], 0
        for _, start, end in self.find(words):
            kept += [*words[last:start], ""]  # so that what stood apart does not become a phrase
            last = end
        return [*kept, *words[last:]]

    def _at(self, words: Sequence[str], at: int, word: str) -> dict[str, int]:
        """The end of each list's longest phrase that begins here."""
        ends: dict[str, int] = {}
        for name, rest in self._beginning(word):
            end = at + 1 + len(rest)
            if end > ends.get(name, 0) and _follows(words, at + 1, rest):
                ends[name] = end
        return ends

    def _beginning(self, word: str) -> list[tuple[str, list[str]]]:
        found = self._whole.get(word, [])
        for length in self._lengths:
            if length > len(word):
                break
            stems = self._stems.get(word[:length])
            if stems:
                found = found + stems
        return found


def _follows(words: Sequence[str], at: int, rest: Sequence[str]) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(_fits(pattern, words[at + n]) for n, pattern in enumerate(rest))


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
