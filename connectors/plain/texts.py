"""Reads one file of text: Markdown with its front matter, a note, a pasted list."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from connectors.base.archive import Record
from connectors.base.errors import ArchiveError
from connectors.base.ids import same_text, stable_id
from connectors.base.kinds import KINDS, kind_of
from connectors.base.limits import MIB
from connectors.base.reading.files import File
from connectors.base.reading.letters import ODD
from connectors.base.types import Item, Unreadable
from connectors.folder.text import normal, note_of
from connectors.plain.days import day_of
from connectors.plain.entries import Entry, entries

PASTED = "Pasted text.txt"
"""What a text is called that was not a file."""
ENDINGS = frozenset(("md", "markdown", "mdown", "mkd", "mdx", "txt", "text", "org", "rst", ""))
_NOTES = frozenset(("md", "markdown", "mdown", "mkd", "mdx"))
_DAYS = ("date", "created", "created_at", "date created", "updated")
_LONG = 1000
_LARGEST = 8 * MIB  # a text is held whole, and its lines as well
_TOO_LARGE = "This text is longer than any real one and was left out. Split it and try again."


def is_text(file: File) -> bool:
    """Whether it looks like text that somebody wrote: no source, no markup, nothing binary."""
    start = file.start
    return ending(file) in ENDINGS and bool(start) and b"\0" not in start and start[:1] != b"<"


def ending(file: File) -> str:
    return PurePosixPath(file.name).suffix.lower().removeprefix(".")


def read_text(file: File) -> Iterator[Record]:
    """Its memories, each once; Unreadable if it cannot be read."""
    try:
        said = _text(file)
    except ArchiveError as error:
        yield Unreadable(file.where, str(error))
        return
    if said is None:
        yield Unreadable(file.where, _TOO_LARGE)
        return
    head = note_of(said)
    fields = {name.casefold(): value for name, value in head.fields.items()}
    yield from _items(file, fields, normal(head.body))


def _items(file: File, fields: dict[str, str], body: str) -> Iterator[Item]:
    title = fields.get("title") or (_stem(file) if ending(file) in _NOTES else "")
    kind = (fields.get("kind") or fields.get("type") or "").casefold()
    day = next(filter(None, (day_of(fields.get(name, "")) for name in _DAYS)), None)
    whole = kind in KINDS
    found = [Entry(body)] if whole else entries(body)
    times: Counter[str] = Counter()
    for one in found:
        if one.text:
            times[same_text(one.text)] += 1
            yield _item(one, kind if whole else "", title, day, times[same_text(one.text)])


def _item(one: Entry, kind: str, title: str, day: datetime | None, time: int) -> Item:
    usual = one.kind or ("document" if len(one.text) > _LONG else "fact")
    again = (str(time),) if time > 1 else ()
    return Item(
        one.text,
        kind_of(kind, usual),
        remote_id=stable_id("text", same_text(one.text), *again),
        title=one.title or title,
        created_at=one.day or day,
    )


def _text(file: File) -> str | None:
    """None for one that is too large to be held."""
    if file.size > min(_LARGEST, file.limits.saved_bytes):
        return None
    with file.open() as stream:
        raw = stream.read().removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.replace("\0", ODD)


def _stem(file: File) -> str:
    return PurePosixPath(file.name).stem
