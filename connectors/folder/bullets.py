"""List items of a Markdown file: found, written and taken out; all else stays as it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.folder.text import line_end, normal

_ITEM = re.compile(r"(?P<marker> {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+)(?P<text>\S.*)", re.DOTALL)
_EMPTY_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<text>.*?)[ \t#]*")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_COMMENT = "<!--"
_UNCOMMENT = "-->"


@dataclass(frozen=True, slots=True)
class Bullet:
    """A list item at the margin with all that is under it: lines `start` to before `end`."""

    start: int
    end: int
    marker: str
    text: str
    heading: str


def bullets(body: str) -> list[Bullet]:
    """Those of a body without frontmatter. Code and comments hold none."""
    lines = [line.rstrip() for line in body.split("\n")]
    return list(_walk(lines))


def put(body: str, bullet: Bullet, text: str) -> str:
    """`body` with another text in this item."""
    return _spliced(body, bullet.start, bullet.end, _written(bullet.marker, text))


def without(body: str, bullet: Bullet) -> str:
    return _spliced(body, bullet.start, bullet.end, [])


def added(body: str, text: str) -> str:
    """`body` with one more item at its end, of the list that is there if there is one."""
    kept = body.rstrip()
    lines = kept.split("\n") if kept else []
    known = bullets(kept)
    if not known or known[-1].end != len(lines):
        return line_end(body).join([*([kept, ""] if kept else []), *_written("- ", text), ""])
    marker = known[-1].marker if known[-1].marker.strip() in "-*+" else "- "
    return line_end(body).join([kept, *_written(marker, text), ""])


def _walk(lines: list[str]) -> Iterator[Bullet]:
    at, heading = 0, ""
    while at < len(lines):
        line = lines[at]
        if found := _FENCE.match(line):
            at = _after_fence(lines, at, found[1])
        elif line.lstrip().startswith(_COMMENT):
            at = next((n + 1 for n in range(at, len(lines)) if _UNCOMMENT in lines[n]), len(lines))
        elif (item := _ITEM.fullmatch(line)) and not _RULE.fullmatch(line):
            end = _end(lines, at)
            marker = item["marker"]
            rest = [_dedented(one, len(marker)) for one in lines[at + 1 : end]]
            yield Bullet(at, end, marker, normal("\n".join([item["text"], *rest])), heading)
            at = end
        else:
            found = _HEADING.fullmatch(line)
            heading = found["text"] if found else heading
            at += 1


def _after_fence(lines: list[str], at: int, fence: str) -> int:
    closing = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}")
    return next(
        (n + 1 for n in range(at + 1, len(lines)) if closing.fullmatch(lines[n])), len(lines)
    )


def _end(lines: list[str], start: int) -> int:
    """The line after the last that belongs to the item: what is indented, and what goes on."""
    end = at = start + 1
    while at < len(lines):
        line = lines[at]
        if line and not line.startswith(("  ", "\t")) and (at != end or _begins(line)):
            break
        at += 1
        end = at if line else end
    return end


def _begins(line: str) -> bool:
    """Whether something else begins here, even right after the text of an item."""
    starts = (_ITEM, _EMPTY_ITEM, _HEADING, _RULE)
    return bool(
        any(one.fullmatch(line) for one in starts)
        or _FENCE.match(line)
        or line.lstrip().startswith((_COMMENT, ">", "|"))
    )


def _dedented(line: str, width: int) -> str:
    if line.startswith("\t"):
        return line[1:]
    return line[min(width, len(line) - len(line.lstrip(" "))) :]


def _written(marker: str, text: str) -> list[str]:
    first, *rest = text.split("\n")
    indent = " " * len(marker)
    return [marker + first, *(indent + line if line else "" for line in rest)]


def _spliced(body: str, start: int, end: int, new: list[str]) -> str:
    """`body` with other lines in place of these; every other line keeps its own end."""
    lines = body.split("\n")
    carriage = "\r" if line_end(body) == "\r\n" else ""
    last = end == len(lines)
    put = [line + carriage for line in new]
    if last and put:
        put[-1] = put[-1].removesuffix("\r") if not lines[-1].endswith("\r") else put[-1]
    return "\n".join([*lines[:start], *put, *lines[end:]])
