"""Reads the tables in which Microsoft gives out what was said to Copilot, row by row.

Two forms are known: Conversation, Time, Author, Message of the consumer's history, and CreatedAt,
MessageContent, Author, ChatName of the two for work. Source: the importer mappings of
github.com/portable-ai-memory/portable-ai-memory, checked there with a real export of 2026.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.reading.tables import columns, rows
from connectors.base.types import Role, Unreadable

_ROLES: dict[str, Role] = {
    "human": "user",
    "user": "user",
    "ai": "assistant",
    "bot": "assistant",
    "assistant": "assistant",
    "api_tool": "tool",
    "tool": "tool",
    "system": "system",
}
_NAMED = "copilot"  # some rows name the assistant: "Microsoft Copilot"
_NO_AUTHOR = "This row is by an author of a kind that is not known yet."
_LOOKED_AT = 2_000
_AMERICAN = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}),? ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?: ?([AP])M)?(?: ?([+-][0-9]{2}):?([0-9]{2}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of the columns that are read."""

    title: str
    at: str
    author: str
    text: str


CONSUMER = Layout("Conversation", "Time", "Author", "Message")
WORK = Layout("ChatName", "CreatedAt", "Author", "MessageContent")
_CONSUMER_COLUMNS = ["Conversation", "Time", "Author", "Message"]
_WORK_COLUMNS = {"CreatedAt", "MessageContent", "Author", "ChatName"}
_PROMPT_COLUMNS = ["Timestamp", "ClientApp", "Prompt"]


@dataclass(frozen=True, slots=True)
class Said:
    """One row. `text` is "" where there was nothing in it."""

    title: str
    at: datetime | None
    role: Role
    text: str


def layout(file: File) -> Layout | None:
    """How the table is laid out; None if it is no activity of Copilot's."""
    found = _columns(file, b"Author")
    if found[:4] == _CONSUMER_COLUMNS:
        return CONSUMER
    return WORK if set(found[:4]) == _WORK_COLUMNS else None


def is_prompts(file: File) -> bool:
    """Whether it lists what was typed into apps of Windows: nothing else is in that."""
    return _columns(file, b"ClientApp")[:3] == _PROMPT_COLUMNS


def _columns(file: File, sign: bytes) -> list[str]:
    start = file.start.replace(b"\0", b"")
    return columns(file) if sign in start and start[:1] not in (b"[", b"{", b"<") else []


def said_in(file: File, shape: Layout) -> Iterator[Said | Unreadable]:
    """What was said, in the order of the file."""
    for number, row in enumerate(rows(file), 1):
        if isinstance(row, Unreadable):
            yield row
            continue
        author = " ".join(row[shape.author].split()).lower()
        role = "assistant" if _NAMED in author else _ROLES.get(author)
        if role is None:
            yield Unreadable(f"{file.where}, entry {number}", _NO_AUTHOR)
        else:
            title = " ".join(row[shape.title].split())
            yield Said(title, _time(row[shape.at]), role, row[shape.text].strip())


def is_oldest_first(file: File, shape: Layout) -> bool:
    """Whether the first rows go forward in time, as those do that somebody sorted anew.

    Microsoft lists the newest first, and so does a file whose times do not tell: with equal times,
    the order of the rows is all there is. Work files are not known so well: there, a file of equal
    times that begins with a question counts as going forward.
    """
    said = [one for one in islice(said_in(file, shape), _LOOKED_AT) if isinstance(one, Said)]
    times = [one.at for one in said if one.at]
    steps = [(one < other) - (one > other) for one, other in pairwise(times)]
    if sum(steps) or shape is CONSUMER:
        return sum(steps) > 0
    return bool(said) and said[0].role == "user"


def _time(text: str) -> datetime | None:
    """Times without a zone are taken for UTC; 2/1/2026 is in February."""
    found = _AMERICAN.fullmatch(text.strip())
    if not found:
        return moment(text)
    month, day, year, hour, minute = (int(found[place]) for place in range(1, 6))
    if month > 12:
        month, day = day, month
    if found[7]:
        hour = hour % 12 + 12 * (found[7].upper() == "P")
    behind = timedelta(hours=int(found[8] or 0))
    behind += timedelta(minutes=int(f"{(found[8] or '+')[0]}{found[9] or 0}"))
    with suppress(ValueError, OverflowError):
        at = datetime(year, month, day, hour, minute, int(found[6] or 0), tzinfo=UTC)
        return at - behind
    return None
