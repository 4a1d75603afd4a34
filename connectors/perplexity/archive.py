"""Reads a Perplexity data export: a zip with conversations as JSON, and a workbook with memories.

Source: github.com/FraYoshi/perplexity-export-convert, made from an export on request: conversations
{conversations: [{context_uuid, context_title, entries: [{entry_uuid, query, answer}]}]}, and a
user-data workbook with the sheets profile, preferences, memory and subscription. How its sheets are
laid out is not known: `memory.py` says what is taken.
"""

from collections.abc import Iterator
from itertools import islice

from connectors.base.archive import Archive, Record
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.reading.workbook import is_workbook, sheet_names
from connectors.base.shape import an_object
from connectors.perplexity.conversation import identity, is_conversation, read_conversation
from connectors.perplexity.memory import SHEETS, read_workbook

_UNDER = "conversations"
_WORKBOOKS = 20


class Perplexity(Archive):
    vendor = "perplexity"
    what = "Perplexity data export"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_export, files.json)) or any(_user_data(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies, known = Copies(), [file for file in files.json if _is_export(file)]

        def read(entry: object, where: str) -> Iterator[Record]:
            raw = an_object(entry, "conversation")
            if copies.is_new(identity(raw, where), moment(raw.get("updated_at"))):
                yield from read_conversation(raw, where)

        for file in _user_data(files):
            yield from read_workbook(file, copies)
        for file in known:
            yield from each(items(file, _UNDER), f"{file.where}, entry", read)
        places = {file.where for file in known}
        yield from not_known(file for file in files.json if file.where not in places)


def _is_export(file: File) -> bool:
    held = _UNDER in lists_in(file)
    return held and any(map(is_conversation, peek(file, _UNDER)))


def _user_data(files: Files) -> Iterator[File]:
    """The workbooks with the sheets that Perplexity's has, of the first few: an export of another
    vendor may hold thousands that people attached to their chats."""
    for file in islice(filter(is_workbook, files.values()), _WORKBOOKS):
        if {name.strip().lower() for name in sheet_names(file)} >= SHEETS:
            yield file
