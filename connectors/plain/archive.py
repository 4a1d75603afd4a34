"""Reads what is no vendor's export: Markdown, text, tables and JSON whose parts say what they are.

Sources of the lists that assistants are asked for: support.claude.com, "Import and export your
memory from Claude" ([date saved, if available] - memory content, in one code block); the prompt of
Gemini's memory import as people quote it (five sections, "Evidence: User said ... Date: [...]").
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.base.archive import Archive, Record
from connectors.base.reading.files import File, Files
from connectors.base.types import Unreadable
from connectors.plain.fields import ROLES, Fields
from connectors.plain.mapped import read_rows
from connectors.plain.mapping import names_of
from connectors.plain.places import Place, first_rows, places, words
from connectors.plain.sketch import guess_of, hidden
from connectors.plain.texts import is_text, read_text

_NOT_CLEAR = "It is not clear what in this file is a memory. Choose “Read it differently” to say."
_NEITHER = "This file is neither text, a table nor JSON, and was not read."


class Plain(Archive):
    vendor = "plain"
    what = "notes, tables and lists"
    plain = True

    def recognise(self, files: Files) -> bool:
        return any(_clear(file) for file in files.values() if not hidden(file))

    def records(self, files: Files) -> Iterator[Record]:
        strange: list[File] = []
        for file in files.values():
            if hidden(file):
                continue
            if found := clear_places(file):
                for place, fields in found:
                    yield from read_rows(file, place, fields)
            elif is_text(file) and not places(file):
                yield from read_text(file)
            elif places(file):
                yield Unreadable(file.where, _NOT_CLEAR)
            else:
                strange.append(file)
        yield from _not_read(strange)


def _clear(file: File) -> bool:
    return bool(clear_places(file)) or (is_text(file) and not places(file))


def clear_places(file: File) -> list[tuple[Place, Fields]]:
    """Where entries are whose parts say by their names what they are. What is within an entry
    speaks for the entry."""
    found = []
    for place in places(file):
        fields = guess_of(names_of(first_rows(file, place)), sure=True)
        single = place == Place("list") and file.start[:1] == b"{"
        if fields and not single and _speaks(file, place, fields):
            found.append((place, fields))
    inside = {(place.form, place.under) for place, _ in found if place.inside}
    return [one for one in found if one[0].inside or (one[0].form, one[0].under) not in inside]


def _speaks(file: File, place: Place, fields: Fields) -> bool:
    """Who speaks is known by a word for a person or a program, or else the part means something
    else, and what it means is asked. Lists within entries are only read where somebody speaks."""
    if not fields.speaker:
        return not place.inside
    said = [
        words(row.get(fields.speaker))
        for row in first_rows(file, place)
        if not isinstance(row, str)
    ]
    return all(one.casefold() in ROLES for one in said)


def _not_read(strange: list[File]) -> Iterator[Unreadable]:
    """One line for each folder: notes have pictures beside them by the hundred."""
    folders = Counter(PurePosixPath(file.where).parent for file in strange)
    for folder, count in folders.items():
        where = (
            str(folder)
            if count > 1
            else next(file.where for file in strange if PurePosixPath(file.where).parent == folder)
        )
        many = f"{count} files here are neither text, a table nor JSON, and were not read."
        yield Unreadable(where, many if count > 1 else _NEITHER)
