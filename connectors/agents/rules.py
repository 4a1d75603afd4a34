"""Cuts a file of rules into single ones: a bullet is a rule, and so is the prose under a heading.

A list that a line with a colon leads ("Never:") stays together with that line: alone, its bullets
could say the opposite. What Satchel put into a file, between its marks, came from here and is left
out: it would come back as if somebody had said it anew.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.base.handing.marked import BEGIN, END
from connectors.folder.bullets import bullets
from connectors.folder.text import normal

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<text>.*?)[ \t#]*")
_HEADING_LENGTH = 200  # longer lines are prose, and would take the pattern long
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_IMPORT = re.compile(r"@[^\s]+")  # "@docs/style.md": another file is meant to stand here
_COMMENT, _UNCOMMENT = "<!--", "-->"
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Rule:
    """`text` is Markdown; `heading` is the one it stands under, "" if there is none."""

    heading: str
    text: str


def rules(body: str) -> Iterator[Rule]:
    """Those of a Markdown text without front matter, in their order; comments hold none."""
    body = _not_ours(body.removeprefix("\ufeff"))
    lines = [line.rstrip() for line in body.split("\n")]
    listed = {one.start: one for one in bullets(body) if one.marker.strip() in "-*+"}
    prose = _Prose()
    at = 0
    while at < len(lines):
        line, start = lines[at], at
        at = _end(lines, at)
        if one := listed.get(start):
            at = one.end
            if prose.leads:
                prose.lines += lines[start:at]
                continue
            yield from prose.taken()
            yield Rule(one.heading, one.text)
        elif found := _heading(line):
            yield from prose.taken()
            prose.heading = found
        elif not line.lstrip().startswith(_COMMENT) and not _IMPORT.fullmatch(line):
            prose.add(lines[start:at])
    yield from prose.taken()


def _not_ours(body: str) -> str:
    kept, at = list[str](), 0
    begins = body.find(BEGIN)
    while begins >= 0 and (ends := body.find(END, begins)) >= 0:
        kept.append(body[at:begins])
        at = ends + len(END)
        begins = body.find(BEGIN, at)
    return "".join([*kept, body[at:]])


class _Prose:
    """What stands between bullets and headings, while it is gathered."""

    def __init__(self) -> None:
        self.heading = ""
        self.lines: list[str] = []
        self.leads = False
        """Whether a list that follows belongs to it."""

    def add(self, lines: list[str]) -> None:
        self.lines += lines
        if any(lines):
            self.leads = lines[-1].rstrip("*_ ").endswith(":")

    def taken(self) -> Iterator[Rule]:
        text = normal("\n".join(self.lines))
        self.lines, self.leads = [], False
        if _WORD.search(text):
            yield Rule(self.heading, text)


def _heading(line: str) -> str:
    found = _HEADING.fullmatch(line) if len(line) < _HEADING_LENGTH else None
    return found["text"] if found else ""


def _end(lines: list[str], at: int) -> int:
    """The line after the block that begins here: code and comments are one, else a line is."""
    if fence := _FENCE.match(lines[at]):
        marks = fence[1]
        closing = re.compile(rf" {{0,3}}{marks[0]}{{{len(marks)},}}")
        closes = (n + 1 for n in range(at + 1, len(lines)) if closing.fullmatch(lines[n]))
        return next(closes, len(lines))
    if lines[at].lstrip().startswith(_COMMENT):
        return next((n + 1 for n in range(at, len(lines)) if _UNCOMMENT in lines[n]), len(lines))
    return at + 1
