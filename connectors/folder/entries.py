"""Files and list items as entries, and items as what is written into files."""

import re
from hashlib import sha256
from pathlib import PurePosixPath

from connectors.base.errors import Rejected
from connectors.base.kinds import kind_of
from connectors.base.types import Entry, Item
from connectors.folder.bullets import Bullet, bullets
from connectors.folder.text import KEY, Note, fingerprint, normal, note
from connectors.folder.tree import File

_NO_TEXT = "This file holds no text."
_WORD = re.compile(r"\w+")
_NAME = 48


def of_file(path: str, file: File) -> Entry:
    """A whole file. ItemError when it is not text."""
    said = note(file.content)
    text, etag = normal(said.body), fingerprint(said.head, said.body)
    key = said.fields.get(KEY, "")
    if not text:
        return Entry(path, etag, None, key, unreadable=_NO_TEXT)
    kind, title = kind_of(said.fields.get("kind")), _title(path, said)
    return Entry(path, etag, Item(text, kind, title=title, updated_at=file.written_at), key)


def items(path: str, body: str) -> dict[str, Bullet]:
    """The list items of a file, by ids that their words make. Of equal ones each has its own."""
    named: dict[str, Bullet] = {}
    times: dict[str, int] = {}
    for one in bullets(body):
        id = f"{path}#{fingerprint(one.text)}"
        times[id] = times.get(id, 0) + 1
        named[id if times[id] == 1 else f"{id}-{times[id]}"] = one
    return named


def of_items(named: dict[str, Bullet]) -> list[Entry]:
    return [
        Entry(id, fingerprint(one.text, one.heading), Item(one.text, title=one.heading))
        for id, one in named.items()
    ]


def words(item: Item) -> str:
    """The text as it is written, and read again."""
    text = normal(item.text)
    if not text:
        raise Rejected("There is no text to write.")
    return text


def as_bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Rejected("This text holds characters that no file can hold.") from None


def file_name(item: Item, key: str) -> str:
    """Its first words, and what keeps two of the same words apart."""
    found = "-".join(_WORD.findall((item.title or item.text)[:_NAME].casefold()))
    return f"{found or 'memory'}-{sha256(key.encode()).hexdigest()[:10]}.md"


def _title(path: str, said: Note) -> str:
    mine = KEY in said.fields
    return said.fields.get("title") or ("" if mine else PurePosixPath(path).stem)
