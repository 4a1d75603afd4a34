"""Reads Cursor's database of chats (state.vscdb), and rules beside it.

The file is SQLite. It is walked by hand, in memory: no database engine opens what a stranger may
have made, and nothing is written to disk. So it may have half the bytes of a zip inside a zip: they
are held twice, with the messages in them.
Of chats only what the person and Cursor's agent said is read: calls of tools and their results are
left out altogether, as keys and passwords are frequent in them.
"""

from collections.abc import Iterator

from connectors.agents.places import rule_files
from connectors.agents.rule_files import others, read_rules
from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import one
from connectors.base.shape import an_object
from connectors.base.types import Unreadable
from connectors.cursor.chats import read_chat
from connectors.cursor.pages import MAGIC, Pages, Value

_TABLE = "cursorDiskKV"
_CHAT, _BUBBLE = b"composerData:", b"bubbleId:"
_TOO_LARGE = (
    "This database is too large to be read here. In Cursor, delete old chats, and upload it again."
)


class Cursor(Archive):
    vendor = "cursor"
    what = "Cursor chats (state.vscdb)"

    def recognise(self, files: Files) -> bool:
        return any(_is_database(file) for file in files.values())

    def records(self, files: Files) -> Iterator[Record]:
        copies, rules = Copies(), rule_files(files)
        yield from read_rules(rules, copies)
        databases = [file for file in files.values() if _is_database(file)]
        for file in databases:
            try:
                yield from newest(_chats(file), copies)
            except ArchiveError as error:
                yield Unreadable(file.where, str(error))
        yield from others(files, {file.where for file in [*databases, *(one for one, _ in rules)]})


def _is_database(file: File) -> bool:
    """Its schema stands in the first pages, and names the table."""
    if not file.start.startswith(MAGIC):
        return False
    try:
        with file.open() as stream:
            return _TABLE.encode() in stream.read(1 << 17)
    except ArchiveError:
        return False


def _chats(file: File) -> Iterator[Record]:
    if file.size > file.limits.nested // 2:
        raise ArchiveError(_TOO_LARGE)
    with file.open() as stream:
        pages = Pages(stream.read())
    root = pages.tables().get(_TABLE)
    if root is None:
        return
    chats = dict[bytes, bytes]()
    bubbles = dict[bytes, bytes]()
    for row in pages.rows(root):
        key, value = _pair(row)
        kept = chats if key.startswith(_CHAT) else bubbles if key.startswith(_BUBBLE) else None
        if kept is not None and value:
            kept[key] = value
    for number, key in enumerate(sorted(chats), 1):
        yield from _chat(chats[key], f"{file.where}, chat {number}", bubbles, file)


def _pair(row: list[Value]) -> tuple[bytes, bytes]:
    key, value = (*row, None, None)[:2]
    return (key if isinstance(key, bytes) else b""), (value if isinstance(value, bytes) else b"")


def _chat(text: bytes, where: str, bubbles: dict[bytes, bytes], file: File) -> Iterator[Record]:
    def bubble(chat: str, name: str) -> object:
        said = bubbles.get(_BUBBLE + f"{chat}:{name}".encode())
        return None if said is None else one(said, where, file.limits)

    value = one(text, where, file.limits)
    if isinstance(value, Unreadable):
        yield value
        return
    try:
        yield from read_chat(an_object(value, "chat"), where, bubble)
    except ItemError as error:
        yield Unreadable(where, str(error))
