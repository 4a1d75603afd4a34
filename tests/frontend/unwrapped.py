"""What a page in the pseudo-language says outside ⟦ ⟧: words that nobody can translate."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_READ = ("title", "aria-label", "placeholder", "alt", "label", "aria-description")
_LETTER = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"^\W*[A-Z]|[^\W\d_]{2}\s+[^\W\d_]{2}")
_VOIDS = "area base br col embed hr img input link meta source track wbr"
_VOID = frozenset(_VOIDS.split())
_SKIPPED = frozenset({"script", "style", "textarea", "code", "kbd"})
NAMES = ("Satchel", "UTC")
"""Words that are the same in each language."""


def unwrapped(page: str, *, names: tuple[str, ...] = ()) -> list[str]:
    """In the order of the page. Elements that say translate="no" or dir="auto" hold people's own
    words, and so do `names`."""
    reader = _Reader((*NAMES, *names))
    reader.feed(page)
    reader.close()
    return reader.found


def outside(text: str) -> str:
    """Of a text what stands in no ⟦ ⟧."""
    depth, rest = 0, []
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        rest.append(letter if depth == 0 and letter != "⟧" else " ")
    return "".join(rest)


class _Reader(HTMLParser):
    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.found: list[str] = []
        longest_first = sorted(names, key=len, reverse=True)
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        self._open: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        silent = said.get("translate") == "no" or said.get("dir") == "auto" or tag in _SKIPPED
        if not silent and not self._silent:
            self.found += [found for name in said for found in self._attribute(tag, name, said)]
        if tag not in _VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """A translated text may hold elements, so that its ⟦ and its ⟧ come apart."""
        before = "⟦" * self._depth
        self._depth += data.count("⟦") - data.count("⟧")
        if not self._silent and self._says(before + data):
            self.found.append(" ".join(data.split()))

    @property
    def _silent(self) -> bool:
        return any(silent for _, silent in self._open)

    def _attribute(self, tag: str, name: str, said: dict[str, str | None]) -> Iterator[str]:
        value = said[name] or ""
        button = tag == "input" and name == "value" and said.get("type") in ("submit", "button")
        words = name.startswith("data-") and _SENTENCE.search(self._bare(value))
        if (name in _READ or button or words) and self._says(value):
            yield f'{name}="{value}"'

    def _says(self, text: str) -> bool:
        return _LETTER.search(self._bare(text)) is not None

    def _bare(self, text: str) -> str:
        bare = outside(text)
        return self._names.sub(" ", bare)
