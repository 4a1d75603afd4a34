"""Reads chats that were saved from Character.AI, in the two forms that its own pages load.

The older: a character with all histories ({info, histories: {histories: [{msgs}]}}). The newer: the
turns of a chat, each with the answers that were made for it ({turns: [{author, candidates}]}).
How the vendor's own export looks is not known, no public parser or sample of it was found: it is
read if it holds one of these, else the person is told that nobody knows it.
Sources: github.com/0x000011b/characterai-dumper, github.com/irsat000/CAI-Tools (October 2024).
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object
from connectors.base.types import Unreadable
from connectors.characterai.histories import is_dump, read_dump
from connectors.characterai.turns import are_turns, is_chat, read_chat

_TURNS = "turns"


class CharacterAI(Archive):
    vendor = "characterai"
    what = "Character.AI chats"

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
    if file.start.startswith(b"{") and _TURNS in lists_in(file):
        return are_turns(list(peek(file, _TURNS)))
    found = list(peek(file))
    return are_turns(found) or any(is_dump(entry) or is_chat(entry) for entry in found)


def _read(file: File) -> Iterator[Record]:
    if are_turns(list(peek(file))):  # the file is one chat's list of turns and nothing else
        found = list(items(file))
        yield from (entry for entry in found if isinstance(entry, Unreadable))
        turns = [entry for entry in found if not isinstance(entry, Unreadable)]
        yield from read_chat({_TURNS: turns}, file.where)
        return
    for number, entry in enumerate(items(file), 1):
        where = f"{file.where}, entry {number}" if file.start.startswith(b"[") else file.where
        if isinstance(entry, Unreadable):
            yield entry
            continue
        try:
            raw = an_object(entry, "entry")
            yield from read_dump(raw, where) if is_dump(raw) else read_chat(raw, where)
        except ItemError as error:
            yield Unreadable(where, str(error))
