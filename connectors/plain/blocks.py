"""Text as blocks: headings, list items with all that is under them, paragraphs, what is fenced."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.plain.days import dated
from connectors.plain.headings import bare, is_chatter, kind_under

Sort = Literal["heading", "item", "dated", "text"]

_BULLETS = "-*+•\u2013"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<mark>[-*+•\u2013]|\(?\d{1,4}[.)]:?)[ \t]+(?P<text>\S.*)")
_TASK = re.compile(r"\[[ xX-]\][ \t]+")
_HASHES = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t#]*")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]*){3,}")
_STRONG = re.compile(r"[ \t]*(?:\*\*|__)(?P<text>[^*_]{1,80})(?:\*\*|__):?[ \t]*")
_BRACKETED = re.compile(r"[ \t]*(?:\[(?P<a>[^\[\]]{2,60})\]|=+ ?(?P<b>[^=]{2,60}?) ?=+):?[ \t]*")
_LABEL = re.compile(r"[ \t]*(?P<text>[^\s.!?\"“][^.!?\"“]{1,58}):[ \t]*")
_LINE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>).*")
_LONGEST_HEADING = 90
_STEP = 2  # columns: what is further in belongs to the item above


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text. `level` is how deep a heading is; what is fenced is part of a text."""

    sort: Sort
    text: str
    level: int = 0


def blocks(text: str) -> list[Block]:
    return list(_walk(text.split("\n")))


def _walk(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _RULE.fullmatch(line):
            at += 1
        elif heading := _heading(lines, at):
            yield heading
            at += 1
        elif item := _ITEM.fullmatch(line):
            end = _item_end(lines, at, _width(item["indent"]))
            yield from _item(item, lines[at + 1 : end])
            at = end
        elif dated(line.strip())[2]:
            end = _text_end(lines, at)
            yield Block("dated", _joined(lines[at:end]))
            at = end
        else:
            end = _text_end(lines, at)
            yield Block("text", _joined(lines[at:end]))
            at = end


def _heading(lines: Sequence[str], at: int) -> Block | None:
    line = lines[at].rstrip()
    if len(line) > _LONGEST_HEADING:
        return None
    if found := _HASHES.fullmatch(line):
        return Block("heading", bare(found["text"]), len(found["marks"]))
    for form in (_STRONG, _BRACKETED):
        if (found := form.fullmatch(line)) and not dated(line.strip() + " x")[2]:
            return Block("heading", bare(line), 7)
    found = _LABEL.fullmatch(line)
    if found and not _ITEM.fullmatch(line) and _item_follows(lines, at):
        return Block("heading", bare(found["text"]), 7)
    return _numbered_heading(lines, at)


def _numbered_heading(lines: Sequence[str], at: int) -> Block | None:
    """Above bullets, "3. Relationships" is no item of a list, and neither is "- Work:" above what
    is further in."""
    found = _ITEM.fullmatch(lines[at].rstrip())
    if found is None or dated(found["text"])[2]:
        return None
    after = _item_follows(lines, at)
    if after is None:
        return None
    words, numbered = found["text"], found["mark"][-1] not in _BULLETS
    deeper = _width(after["indent"]) >= _width(found["indent"]) + _STEP
    bulleted = after["mark"] in _BULLETS
    category = len(words) <= 60 and kind_under(words) is not None and words[-1] not in ".!?"
    if (numbered and bulleted and category) or (deeper and words.rstrip("* ").endswith(":")):
        return Block("heading", bare(words), 7)
    return None


def _item_follows(lines: Sequence[str], at: int) -> re.Match[str] | None:
    """The next line with something in it, if it is an item or an entry with a date."""
    after = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    if found := _ITEM.fullmatch(after.rstrip()):
        return found
    return (
        re.fullmatch(r"(?P<indent>[ \t]*)(?P<mark>).*", after) if dated(after.strip())[2] else None
    )


def _item_end(lines: Sequence[str], start: int, indent: int) -> int:
    """The line after the last that belongs to the item: what is further in, and what goes on."""
    end = at = start + 1
    while at < len(lines):
        line = lines[at]
        if line.strip():
            inside = _width(line[: len(line) - len(line.lstrip())]) >= indent + _STEP
            goes_on = at == end and not _begins(line)
            if not inside and not goes_on:
                break
            end = at + 1
        at += 1
    return end


def _begins(line: str) -> bool:
    return bool(
        _ITEM.fullmatch(line)
        or _HASHES.fullmatch(line)
        or _RULE.fullmatch(line)
        or _FENCE.match(line)
        or _STRONG.fullmatch(line)
        or _LABEL.fullmatch(line)
        or dated(line.strip())[2]
        or (line[:1].isupper() and is_chatter(line))
    )


def _item(found: re.Match[str], under: Sequence[str]) -> Iterator[Block]:
    first = _TASK.sub("", found["text"], count=1)
    rest = [line.rstrip() for line in under]
    shift = min((len(line) - len(line.lstrip()) for line in rest if line), default=0)
    yield Block("item", "\n".join([first.rstrip(), *(line[shift:] for line in rest)]).strip())


def _text_end(lines: Sequence[str], start: int) -> int:
    """A paragraph ends with an empty line or where something else begins; not within a fence."""
    at, fence = start, ""
    while at < len(lines):
        line = lines[at]
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif found := _FENCE.match(line):
            fence = found[1]
        elif at > start and (not line.strip() or _begins(line)):
            break
        at += 1
    return at


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))
