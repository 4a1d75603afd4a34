"""Reads Meta AI conversations in an Accounts Center export: a page of HTML with all of them.

Source: the Meta AI plugin written for github.com/abrignoni/ALEAPP, which reads such an export of
2026: meta_ai_profile/your_ai_conversations.html, where a cell of a table holds a conversation as
text ("Conversation with Meta AI", then "You: " and "Meta AI: " before what each said) and a link
names its day: "Conversation with Meta AI_01-31-2026_1.txt". Pages in other languages are not known.
Pages about the account and its devices are not read. There are no ids: a conversation is known by
its day and how it begins.
"""

from collections import Counter
from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.types import Conversation, Unreadable
from connectors.meta.page import OPENING, talks
from connectors.meta.talk import read_talk

_LOOKED_AT = 1 << 20  # styles and a picture come first
_NOTHING = "This page holds no conversation in a form that is known."


class MetaAI(Archive):
    vendor = "meta"
    what = "Meta AI conversations from Accounts Center"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_page, files.html))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in filter(_is_page, files.html):
            for record in _read(file):
                if not isinstance(record, Conversation) or copies.is_new(_name(record), None):
                    yield record


def _name(one: Conversation) -> str:
    return f"{one.conversation_id} {len(one.turns)}"  # with more of them it comes again


def _is_page(file: File) -> bool:
    try:
        with file.open() as stream:
            head = stream.read(_LOOKED_AT)
    except ArchiveError:
        return False
    return OPENING.encode() in head and b"_a6_r" in head


def _read(file: File) -> Iterator[Record]:
    number, known = 0, Counter[str]()
    for number, found in enumerate(talks(file), 1):
        where = f"{file.where}, conversation {number}"
        yield found if isinstance(found, Unreadable) else read_talk(found, where, known)
    if not number:
        yield Unreadable(file.where, _NOTHING)
