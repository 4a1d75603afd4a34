"""Reads Gemini's activity log as HTML, the form Takeout gives unless asked for JSON.

div.outer-cell > .header-cell p.mdl-typography--title    the product
               > .content-cell                           Prompted text<br>time<br><p>answer
"""

import codecs
from collections.abc import Iterator

from connectors.base.errors import ArchiveError, ItemError
from connectors.base.limits import Limits
from connectors.base.reading.files import File
from connectors.base.reading.markup import Lines, Markup
from connectors.base.types import Unreadable
from connectors.google.activity import PRODUCTS, Asked, asked
from connectors.google.clock import is_time, time_of

_CHUNK = 1 << 16
_CELL, _TITLE, _CONTENT = "outer-cell", "mdl-typography--title", "content-cell"
_UNTIMED = (
    "The times here are in a language that is not read, so each entry stands alone. "
    "Ask Takeout for JSON to get them in order."
)


def is_activity_page(file: File) -> bool:
    """Whether the page is built like a page of My Activity."""
    try:
        with file.open() as stream:
            # The page begins with some 140 kB of style.
            return b'class="outer-cell' in stream.read(1 << 20)
    except ArchiveError:
        return False


def read_activity_page(file: File, problems: list[Unreadable]) -> Iterator[Asked]:
    """What was asked, newest first; what cannot be read is added to `problems`."""
    untimed = 0
    for number, content in enumerate(_contents(file, problems), 1):
        try:
            found = _asked(content)
        except ItemError as error:
            problems.append(Unreadable(f"{file.where}, entry {number}", str(error)))
            continue
        if found:
            untimed += found.at is None
            yield found
    if untimed:
        problems.append(Unreadable(f"{file.where}, {untimed} entries", _UNTIMED))


def _contents(file: File, problems: list[Unreadable]) -> Iterator[str]:
    """The text of each entry about Gemini."""
    page = _Page(file.limits)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                page.take(decoder.decode(chunk))
                yield from page.done()
        page.finish()
    except (ArchiveError, ItemError) as error:
        problems.append(Unreadable(f"{file.where}, after entry {page.number}", str(error)))
    else:
        page.end_cell()
    yield from page.done()


class _Page(Markup):
    """Collects the cells of the page; `done` gives and forgets the finished ones."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._most = limits.html_record
        self._cells: list[str] = []
        self._product: Lines | None = None
        self._content: Lines | None = None
        self._into: Lines | None = None
        self._into_tag, self._depth = "", 0
        self.number = 0

    def done(self) -> list[str]:
        cells, self._cells = self._cells, []
        return cells

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if _CELL in classes:
            self.end_cell()
        if self._into:
            self._depth += tag == self._into_tag
            self._into.tag(tag, opens=True)
        elif _TITLE in classes and self._product is None:
            self._product = self._begin(tag)
        elif _CONTENT in classes and self._content is None:
            self._content = self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._into:
            return
        self._depth -= tag == self._into_tag
        if self._depth:
            self._into.tag(tag, opens=False)
        else:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into.text(data)
            if self._into.size > self._most:
                raise ItemError("An entry is larger than any real one; reading stopped there.")

    def _begin(self, tag: str) -> Lines:
        self._into, self._into_tag, self._depth = Lines(), tag, 1
        return self._into

    def end_cell(self) -> None:
        if self._product and self._content:
            self.number += 1
            if " ".join(self._product.result().split()) in PRODUCTS:
                self._cells.append(self._content.result())
        self._product = self._content = self._into = None


def _asked(content: str) -> Asked | None:
    """The cell's text: lines of the prompt, one line that is a time, the answer."""
    lines = content.split("\n")
    place = _time_line(lines)
    if place is None:
        return asked(content, "", None)
    answer = "\n".join(lines[place + 1 :]).strip()
    return asked("\n".join(lines[:place]), answer, time_of(lines[place]))


def _time_line(lines: list[str]) -> int | None:
    """Where the time stands: the first line that can be read as one, or else looks like one."""
    likely = [number for number, line in enumerate(lines) if number and is_time(line)]
    readable = (number for number in likely if time_of(lines[number]))
    return next(readable, likely[0] if likely else None)
