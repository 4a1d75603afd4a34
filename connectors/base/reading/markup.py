"""Reads HTML that a stranger may have written: nothing of it is ever run or fetched."""

import re
from html import unescape
from html.parser import HTMLParser

from connectors.base.errors import ItemError
from connectors.base.limits import Limits
from connectors.base.reading.letters import ODD

_PIECE = 1 << 14
_END_TAG = 64
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SILENT = frozenset(("script", "style", "head", "template", "noscript"))
_BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "blockquote",
            "dd",
            "div",
            "dl",
            "dt",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
        ),
        *("h6", "hr", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)
_DAMAGED = "This part of the file is not HTML that can be read; it was left out."


class Markup(HTMLParser):
    """The standard parser, fed in pieces and bounded: what it cannot parse yet it looks at again
    with every piece, and at the end once for every "<" in it (120 kB took it 90 s). So a tail that
    only grows is given up with ItemError, and `finish` replaces `close`."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self._tail = limits.html_tail

    def take(self, text: str) -> None:
        for start in range(0, len(text), _PIECE):
            self.feed(text[start : start + _PIECE].replace("\0", ODD))
            if self.cdata_elem:  # scripts and styles wait for their end, and nobody for them
                self.rawdata = self.rawdata[-_END_TAG:]
            if len(self.rawdata) > self._tail:
                raise ItemError(_DAMAGED)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """What begins with "<![" is a comment up to the next ">", as to browsers: the parser knows
        some names there, and fails an assertion at all others."""
        return self.parse_bogus_comment(i)

    def finish(self) -> None:
        """The end of the text: what did not parse is text."""
        tail, self.rawdata = self.rawdata, ""
        self.handle_data(unescape(tail))


class Lines:
    """Collects text as it would look on a page: `text` and `tag` as they come, then `result`."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._silent = self._exact = 0
        self.size = 0

    def text(self, data: str) -> None:
        if self._silent:
            return
        self.size += len(data)
        if not self._exact:
            data = _SPACE.sub(" ", data)
            data = data.lstrip(" ") if not self._parts or self._parts[-1].endswith("\n") else data
        if data:
            self._parts.append(data)

    def tag(self, name: str, opens: bool) -> None:
        step = 1 if opens else -1
        if name in _SILENT:
            self._silent = max(0, self._silent + step)
        if name == "pre":
            self._exact = max(0, self._exact + step)
        if name == "li":
            self._parts += ["\n", "- "] if opens else []
        elif name in _BLOCKS or (name == "br" and opens):
            self._parts.append("\n\n" if name in ("p", "pre") else "\n")
        self.size += 2

    def result(self) -> str:
        lines = "".join(self._parts).replace("\xa0", " ").split("\n")
        kept: list[str] = []
        for line in (line.rstrip() for line in lines):
            if line or (kept and kept[-1]):
                kept.append(line)
        return "\n".join(kept).strip()


class _Page(Markup):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.lines = Lines()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.lines.tag(tag, opens=True)

    def handle_endtag(self, tag: str) -> None:
        self.lines.tag(tag, opens=False)

    def handle_data(self, data: str) -> None:
        self.lines.text(data)


def plain(html: str, limits: Limits) -> str:
    """The text of a piece of HTML; ItemError if it cannot be read or is larger than real ones."""
    if len(html) > limits.html_record:
        raise ItemError("This answer is larger than any real one and was left out.")
    page = _Page(limits)
    page.take(html)
    page.finish()
    return page.lines.result()
