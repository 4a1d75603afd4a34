"""Reads an export of Open WebUI: a JSON list of chats, each with a tree of messages.

Source: github.com/open-webui/open-webui (backend/open_webui/models/chats.py, ChatResponse: what
"Export chats" and the download of one chat hold). Memories are in no export: they come live.
Folders are there as ids without their names, and are not kept.
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object, name_in
from connectors.base.types import Unreadable
from connectors.openwebui.chat import identity, is_chat, read_chat


class OpenWebUI(Archive):
    vendor = "openwebui"
    what = "Open WebUI chats export"

    def recognise(self, files: Files) -> bool:
        return any(_is_export(file) for file in files.json)

    def account(self, files: Files) -> str:
        exports = [file for file in files.json if _is_export(file)]
        found = (entry for file in exports for entry in peek(file) if is_chat(entry))
        accounts = {name_in(entry, "user_id") for entry in found} - {""}
        if len(accounts) > 1:
            raise ArchiveError(
                "These chats are by more than one person. Export your own chats only, and import "
                "that file."
            )
        return next(iter(accounts), "")

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        exports = [file for file in files.json if _is_export(file)]
        for file in exports:
            yield from _records(file, copies)
        known = {file.where for file in exports}
        yield from not_known(file for file in files.json if file.where not in known)


def _is_export(file: File) -> bool:
    """A list: the same chats inside an object are another vendor's."""
    return file.start.startswith(b"[") and any(map(is_chat, peek(file)))


def _records(file: File, copies: Copies) -> Iterator[Record]:
    for number, entry in enumerate(items(file), 1):
        where = f"{file.where}, entry {number}"
        if isinstance(entry, Unreadable):
            yield entry
            continue
        try:
            raw = an_object(entry, "entry")
            if copies.is_new(identity(raw, where), moment(raw.get("updated_at"))):
                yield from read_chat(raw, where)
        except ItemError as error:
            yield Unreadable(where, str(error))
