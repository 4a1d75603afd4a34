"""Words of a template that people read and that no translate tag holds.

A template is reduced to its HTML: each template tag becomes one private character, marked words
vanish. What is then left as text, or in an attribute that people read or hear, was not marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FIRST = 0xF0000  # a plane of private characters: one stands for each template tag
_MARKED = re.compile(r"""_\(\s*("[^"]*"|'[^']*')\s*\)""")
_LITERAL = re.compile(r""""([^"]*)"|'([^']*)'""")
_NAMED = re.compile(r"""\b(\w+)=("[^"]*"|'[^']*')""")
_FILTER = re.compile(r"""\|(\w+):("[^"]*"|'[^']*')""")
_FORMAT = re.compile(r"[A-Z_]+|c|U|Y-m-d")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE = re.compile(r"^\W*[A-Z]|[^\W\d_]\S*\s+\S*[^\W\d_]")
_READ = _set(
    "title aria-label aria-description aria-valuetext aria-roledescription placeholder alt label"
    " lede summary words back-words help"
)
"""Attributes whose every letter is read or heard."""
_FOR_MACHINES = _set(
    "aria-labelledby aria-describedby aria-controls aria-owns aria-details class id for name style"
    " href src action d content points viewbox accept pattern rel sizes srcset media as form list"
    " data-keys data-go data-key"
)
_SILENT_TAGS = _set(
    "if elif for url static load extends icon mark look level block translate trans blocktranslate"
    " blocktrans partial partialdef cache"
)
_SILENT_FILTERS = frozenset({"item", "slice", "cut", "get_digit", "add", "stringformat"})
_VOID = _set("area base br col embed hr img input link meta source track wbr path rect circle line")
_SKIPPED = frozenset({"script", "style"})
OUR_NAME = "Satchel"
_CLASS_BLOCKS = frozenset({"width"})
"""Template blocks that hold names of CSS classes."""


@dataclass(frozen=True, slots=True, order=True)
class Unmarked:
    """Words at a line of a template."""

    line: int
    text: str


def templates(path: Path) -> list[Path]:
    """Those in a folder, or the one that is named."""
    if path.is_dir():
        return [file for file in path.rglob("*") if file.suffix in (".html", ".txt")]
    return [path]


def unmarked(path: Path) -> list[Unmarked]:
    """In order of lines; empty when all is marked."""
    return read(path.read_text("utf-8"), html=path.suffix == ".html")


def read(source: str, *, html: bool = True) -> list[Unmarked]:
    """The same of a template's source; `html`: else it is a plain text, each letter of it read."""
    bare, tokens, found = _reduced(source)
    if html:
        reader = _Reader(tokens)
        reader.feed(bare)
        reader.close()
        return sorted({*found, *reader.found})
    rest = (Unmarked(no, line.strip()) for no, line in enumerate(bare.split("\n"), 1))
    return sorted({*found, *(one for one in rest if _LETTER.search(one.text))})


def _reduced(source: str) -> tuple[str, list[Token], list[Unmarked]]:
    """The HTML with a character for each tag, those tags, and what is wrong with marks."""
    pieces: list[str] = []
    tokens: list[Token] = []
    found: list[Unmarked] = []
    until = ""
    for token in Lexer(source).tokenize():
        word = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if until:
            pieces.append("\n" * token.contents.count("\n"))
            until = "" if word == until else until
        elif token.token_type == TokenType.TEXT:
            pieces.append(token.contents)
        elif token.token_type == TokenType.COMMENT:
            continue
        else:
            pieces.append(_character(len(tokens), token))
            tokens.append(token)
            until = _until(token.contents.split())
            if word.startswith("blocktrans") and "trimmed" not in token.split_contents():
                found.append(Unmarked(token.lineno, f"not trimmed: {token.contents}"))
    return "".join(pieces), tokens, found


def _until(words: list[str]) -> str:
    """The tag that ends what is not for reading, or already marked; "" when nothing begins."""
    if words[0] in ("comment", "blocktranslate", "blocktrans"):
        return f"end{words[0]}"
    silent = words[0] == "block" and len(words) > 1 and words[1] in _CLASS_BLOCKS
    return "endblock" if silent else ""


def _character(place: int, token: Token) -> str:
    one = chr(_FIRST + place)
    return one if token.token_type == TokenType.VAR else f" {one} "


class _Reader(HTMLParser):
    """Collects what people read, outside elements that say translate="no"."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Unmarked] = []
        self._tokens = tokens
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        silent = values.get("translate") == "no" or tag in _SKIPPED
        if not (silent or self._silent):
            self._attributes(tag, values)
        if tag not in _VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._silent and dict(attrs).get("translate") != "no":
            self._attributes(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        key = bool(self._open) and self._open[-1][0] == "kbd" and len(data.strip()) == 1
        if self._silent or key:
            return
        for count, line in enumerate(data.split("\n")):
            self._tell(self.getpos()[0] + count, line, line)

    @property
    def _silent(self) -> bool:
        return any(silent for _, silent in self._open)

    def _attributes(self, tag: str, values: dict[str, str | None]) -> None:
        whole = self.get_starttag_text() or ""
        for name, value in values.items():
            if value and _is_read(tag, name, value, values.get("type") or ""):
                line = self.getpos()[0] + whole[: max(whole.find(value), 0)].count("\n")
                self._tell(line, value, f'{name}="{value}"')

    def _tell(self, line: int, value: str, shown: str) -> None:
        words = self._without_tags(value)
        if _LETTER.search(words) and words.strip(" ·") != OUR_NAME:
            self.found.append(Unmarked(line, " ".join(self._with_tags(shown).split())))
        for one in value:
            token = self._token(one)
            self.found += [Unmarked(line, said) for said in _said(token)] if token else []

    def _token(self, one: str) -> Token | None:
        place = ord(one) - _FIRST
        return self._tokens[place] if 0 <= place < len(self._tokens) else None

    def _without_tags(self, value: str) -> str:
        return "".join(" " if self._token(one) else one for one in value)

    def _with_tags(self, value: str) -> str:
        return "".join("…" if self._token(one) else one for one in value)


def _is_read(tag: str, name: str, value: str, kind: str) -> bool:
    if name in _READ:
        return True
    if name in _FOR_MACHINES or name.startswith(("hx-", "on")) or tag == "meta":
        return False
    if name == "value":
        return tag == "input" and kind in ("submit", "button", "reset")
    ours = name.startswith("data-") or tag.startswith("c-")
    return ours and bool(_SENTENCE.search(value))


def _said(token: Token) -> Iterator[str]:
    """Literals of one tag that end up on the page, and filters that no translator can bend."""
    text = _MARKED.sub("", token.contents)
    if "|pluralize" in text:
        yield f"pluralize: {token.contents}"
    for name, literal in _FILTER.findall(text):
        if _filter_speaks(name, literal[1:-1]):
            yield f"|{name}:{literal}"
    if token.token_type == TokenType.BLOCK:
        yield from _arguments(_FILTER.sub("", text))


def _filter_speaks(name: str, literal: str) -> bool:
    if name in ("date", "time"):
        return not _FORMAT.fullmatch(literal)
    return name not in (*_SILENT_FILTERS, "pluralize") and bool(_LETTER.search(literal))


def _arguments(text: str) -> Iterator[str]:
    tag, _, rest = text.partition(" ")
    if tag in _SILENT_TAGS:
        return
    for name, literal in _NAMED.findall(rest):
        if name in _READ or _SENTENCE.search(literal[1:-1]):
            yield f"{tag} {name}={literal}"
    for double, single in _LITERAL.findall(_NAMED.sub("", rest)):
        if _SENTENCE.search(double or single):
            yield f'{tag} "{double or single}"'
