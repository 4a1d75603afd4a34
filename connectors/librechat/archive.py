"""Reads conversations exported from LibreChat, one JSON file each: a list of messages, or a tree.

Source: github.com/danny-avila/LibreChat (client/src/hooks/Conversations/useExportConversation.ts,
api/server/utils/import/importers.js). What LibreChat imports from others stays theirs.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import lists_in, one
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object
from connectors.base.types import Unreadable
from connectors.librechat.conversation import read_conversation

_LISTS = ("messagesTree", "messages")
_HEADS = (b'"conversationId"', b'"exportAt"')  # what every export begins with
_DEPTH = 700  # a tree nests twice with each message; deeper, Python's own parser gives up
_TOO_DEEP = (
    "This conversation is too long to be read as a tree. Export it again without the option "
    '"Recursive".'
)
_TOO_LARGE = "This file is larger than any real one and was left out."


class LibreChat(Archive):
    vendor = "librechat"
    what = "LibreChat conversations"

    def recognise(self, files: Files) -> bool:
        return any(_is_export(file) for file in files.json)

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        exports = [file for file in files.json if _is_export(file)]
        for file in exports:
            yield from newest(_read(file), copies)
        known = {file.where for file in exports}
        yield from not_known(file for file in files.json if file.where not in known)


def _is_export(file: File) -> bool:
    """By the keys it begins with: a tree may be nested deeper than can be peeked into."""
    head = file.start
    if not head.startswith(b"{") or not all(key in head for key in _HEADS):
        return False
    return any(key in lists_in(file) for key in _LISTS)


def _read(file: File) -> Iterator[Record]:
    value = _document(file)
    if isinstance(value, Unreadable):
        yield value
        return
    try:
        yield from read_conversation(an_object(value, "conversation"), file.where)
    except ItemError as error:
        yield Unreadable(file.where, str(error))


def _document(file: File) -> Any:
    if file.size > file.limits.item_bytes:
        return Unreadable(file.where, _TOO_LARGE)
    try:
        with file.open() as stream:
            text = stream.read().removeprefix(b"\xef\xbb\xbf")
    except ArchiveError as error:
        return Unreadable(file.where, str(error))
    tree = _LISTS[0] in lists_in(file)
    try:
        value = one(text, file.where, replace(file.limits, depth=_DEPTH) if tree else file.limits)
    except RecursionError:
        value = Unreadable(file.where, _TOO_DEEP)
    return Unreadable(file.where, _TOO_DEEP) if tree and isinstance(value, Unreadable) else value
