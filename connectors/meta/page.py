"""Finds the conversations on a page of Accounts Center: cells of its tables.

section    one conversation, as far as is known
  td.…_a6_r    its text, which begins with "Conversation with Meta AI"
  a            a file it is kept in, whose name holds the day
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from connectors.base.errors import ArchiveError, ItemError
from connectors.base.limits import Limits
from connectors.base.reading.files import File
from connectors.base.reading.markup import Markup
from connectors.base.types import Unreadable

OPENING = "Conversation with Meta AI"
_CHUNK = 1 << 16
_DAY = re.compile(rf"{OPENING}_([0-9]{{2}})-([0-9]{{2}})-([0-9]{{4}})[_0-9]*")
_CELL, _CLASS, _SECTION = "td", "_a6_r", "section"
_BREAKS = frozenset(("br", "div", "p", "li", "tr"))
_SILENT = frozenset(("script", "style"))
_TOO_LARGE = "A conversation is larger than any real one; reading stopped there."


@dataclass(frozen=True, slots=True)
class Talk:
    """The text of one conversation, and its day where exactly one is named for it."""

    text: str
    day: date | None


def talks(file: File) -> Iterator[Talk | Unreadable]:
    """The conversations in the order of the page; what is wrong with the page comes last."""
    problems: list[str] = []
    number = 0
    for talk in _found(file, problems):
        number += 1
        yield talk
    yield from (Unreadable(f"{file.where}, after conversation {number}", one) for one in problems)


def _found(file: File, problems: list[str]) -> Iterator[Talk]:
    page = _Page(file.limits)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                page.take(decoder.decode(chunk))
                yield from page.done()
        page.finish()
        page.end_section()
    except (ArchiveError, ItemError) as error:
        problems.append(str(error))
    yield from page.done()


class _Page(Markup):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._most = limits.html_record
        self._done: list[Talk] = []
        self._texts: list[str] = []
        self._days: dict[str, date | None] = {}  # by the name of the file
        self._cell: list[str] | None = None
        self._size = self._silent = 0

    def done(self) -> list[Talk]:
        found, self._done = self._done, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == _SECTION:
            self.end_section()
        elif tag == _CELL:
            self._end_cell()
            inside = _CLASS in (given.get("class") or "").split()
            self._cell, self._size = ([] if inside else None), 0
        elif tag in _BREAKS and self._cell is not None:
            self._cell.append("\n")
        self._silent += tag in _SILENT
        self._note_day(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == _CELL:
            self._end_cell()
        elif tag == _SECTION:
            self.end_section()
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if self._cell is None or self._silent:
            self._note_day(data)
            return
        self._size += len(data)
        if self._size > self._most:
            raise ItemError(_TOO_LARGE)
        self._cell.append(data)

    def end_section(self) -> None:
        self._end_cell()
        paired = len(self._texts) == len(self._days)
        days = self._days.values() if paired else [None] * len(self._texts)
        self._done += map(Talk, self._texts, days)
        self._texts, self._days = [], {}

    def _end_cell(self) -> None:
        text = "".join(self._cell or ()).strip()
        self._cell = None
        if text.startswith(OPENING) and not _DAY.match(text):
            self._texts.append(text.removeprefix(OPENING).strip())
        else:
            self._note_day(text)

    def _note_day(self, text: str) -> None:
        if found := _DAY.search(text):
            self._days[found[0]] = _date(*map(int, found.groups()))


def _date(month: int, day: int, year: int) -> date | None:
    if month > 12:
        month, day = day, month
    try:
        return date(year, month, day)
    except ValueError:
        return None
