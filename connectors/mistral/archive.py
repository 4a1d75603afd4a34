"""Reads a Le Chat data export: a zip with a small chat-<id>.json for each chat.

Each is a list of messages; what was uploaded lies in chat-<id>-files/ and is not looked at. There
are no memories in it, as far as is known. Source: the Le Chat and Vibe readers of
github.com/Superkikim/nexus-ai-chat-importer, made from real exports of 2025 and 2026.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.base.archive import Archive, Record
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.types import Conversation, Unreadable
from connectors.mistral.conversation import Chats, is_message

_GIVEN = re.compile(r"chat-[^/]*-files")  # files the person uploaded; one may look like an export
_TOO_LARGE = "This chat is larger than any real one and was left out."


class LeChat(Archive):
    vendor = "mistral"
    what = "Le Chat data export"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_chat, files.json))

    def records(self, files: Files) -> Iterator[Record]:
        copies, others = Copies(), list[File]()
        for file in files.json:
            found = None if _is_given(file) else _read(file)
            for record in found or ():
                if not isinstance(record, Conversation) or _is_new(record, copies):
                    yield record
            if found is None and not _is_given(file):
                others.append(file)
        yield from not_known(others)


def _is_new(chat: Conversation, copies: Copies) -> bool:
    return copies.is_new(chat.conversation_id, chat.updated_at)


def _is_chat(file: File) -> bool:
    bare = file.start.startswith(b"[") and not _is_given(file)
    return bare and any(map(is_message, peek(file)))


def _is_given(file: File) -> bool:
    return any(_GIVEN.fullmatch(part) for part in PurePosixPath(file.where).parent.parts)


def _read(file: File) -> list[Record] | None:
    """The chat of a file, all its messages at once, as they come in no order; None if it is none.
    With thousands of files it is told while they are read: looking first would read them twice."""
    if not file.start.startswith(b"["):
        return None
    if file.size > file.limits.item_bytes:
        return [Unreadable(file.where, _TOO_LARGE)] if _is_chat(file) else None
    chats, found, known = Chats(file.name), list[Record](), False
    for number, entry in enumerate(items(file), 1):
        if isinstance(entry, Unreadable):
            found.append(entry)
            continue
        known = known or is_message(entry)
        found += chats.add(entry, f"{file.where}, entry {number}")
    return [*found, *chats.conversations()] if known else None
