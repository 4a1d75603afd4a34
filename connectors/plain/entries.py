"""From a text to the memories in it: a list item each, a paragraph each, a section each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base.types import Kind
from connectors.plain.blocks import Block, blocks
from connectors.plain.days import dated, day_of
from connectors.plain.headings import is_chatter, kind_under

_SECTION = 1500  # letters that make one memory rather than one for each paragraph
_FENCED = re.compile(
    r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(?P<inside>.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.S | re.M
)
_EVIDENCE = re.compile(r"[-*+•]?[ \t]*\**(?:Evidence|Quote|Source)\**:", re.I)
_EVIDENCE_DAY = re.compile(
    r"[ \t]*\**Date\**:[ \t]*\[?(?P<said>[^\]\n]{4,40}?)\]?\.?[ \t]*$", re.I | re.M
)
_ENTRIES = ("item", "dated")
_LISTED = 0.5  # of its blocks, so that something fenced counts as a list


@dataclass(frozen=True, slots=True)
class Entry:
    """One memory of a text, as far as the text says."""

    text: str
    kind: Kind | None = None
    title: str = ""
    day: datetime | None = None


def entries(text: str) -> Iterator[Entry]:
    """The memories of a text with Unix line ends and without front matter, in their order."""
    said = _the_list_in(text)
    found = _without_chatter(blocks(said))
    if all(block.sort == "text" for block in found):
        yield from map(entry, _paragraphs(found))
        return
    yield from _sections(found)


def entry(text: str, title: str = "", kind: Kind | None = None) -> Entry:
    """One line of a list: its date, and the quote that an assistant gave as evidence."""
    head, *rest = text.strip().split("\n")
    first, day, _ = dated(head)
    told = []
    for line in rest:
        told_at = _EVIDENCE_DAY.search(line) if _EVIDENCE.match(line.strip()) else None
        day = day or (day_of(told_at["said"]) if told_at else None)
        told.append(line[: told_at.start()] if told_at else line)
    return Entry("\n".join([first, *told]).strip(), kind, title, day)


def _the_list_in(text: str) -> str:
    """An assistant puts a list in a fence, and talk around it: then only the list counts."""
    fenced = [found["inside"] for found in _FENCED.finditer(text)]
    lists = [inside for inside in fenced if _is_list(blocks(inside))]
    if not lists or len(lists) < len(fenced):
        return text
    around = blocks(_FENCED.sub("\n\n", text))
    if any(block.sort != "text" and block.level != 7 for block in around):
        return text
    return "\n\n".join(lists)


def _is_list(found: list[Block]) -> bool:
    listed = sum(block.sort in _ENTRIES for block in found)
    return listed > 0 and listed >= _LISTED * sum(block.sort != "heading" for block in found)


def _without_chatter(found: list[Block]) -> list[Block]:
    """Without what an assistant says before and after its list."""
    if not _is_list(found):
        return found
    first, last = 0, len(found)
    while first < last and _is_chatter(found[first]):
        first += 1
    while last > first and _is_chatter(found[last - 1]):
        last -= 1
    return found[first:last]


def _is_chatter(block: Block) -> bool:
    return block.sort in ("text", "heading") and is_chatter(block.text)


def _paragraphs(found: list[Block]) -> Iterator[str]:
    """Each paragraph; or each line, where there is but one and its lines are sentences."""
    if len(found) == 1 and _are_sentences(lines := found[0].text.split("\n")):
        yield from lines
        return
    for block in found:
        yield block.text


def _are_sentences(lines: list[str]) -> bool:
    """Lines that were wrapped begin small, and end without a mark."""
    return len(lines) > 2 and all(
        line[:1].isupper() or line[:1].isdigit() or not line[:1].isalpha() for line in lines
    )


def _sections(found: list[Block]) -> Iterator[Entry]:
    path: list[Block] = []
    section: list[Block] = []
    for block in [*found, Block("heading", "", 1)]:
        if block.sort != "heading":
            section.append(block)
            continue
        yield from _section(path, section)
        section = []
        path = [*(one for one in path if one.level < block.level), block]


def _section(path: list[Block], section: list[Block]) -> Iterator[Entry]:
    title = path[-1].text if path else ""
    title = "" if is_chatter(title) else title
    kinds = (kind_under(one.text) for one in reversed(path))
    kind = next((kind for kind in kinds if kind), None)
    whole = all(block.sort == "text" for block in section)
    if section and whole and sum(len(block.text) for block in section) <= _SECTION and path:
        yield Entry("\n\n".join(block.text for block in section), kind, title)
        return
    for block in section:
        yield replace(entry(block.text), kind=kind, title=title)
