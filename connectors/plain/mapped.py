"""Reads files as the person said, or as the names of their parts say: memories or conversations."""

from collections.abc import Iterator, Sequence

from connectors.base.archive import Archive, Record
from connectors.base.ids import same_text, stable_id
from connectors.base.kinds import KINDS, kind_of
from connectors.base.reading.files import File, Files
from connectors.base.types import Item, Kind, Unreadable
from connectors.plain.entries import entry
from connectors.plain.fields import Fields
from connectors.plain.headings import kind_under
from connectors.plain.mapping import ITSELF, Mapped, mapped_for
from connectors.plain.places import Place, Row, places, rows, words
from connectors.plain.sketch import hidden
from connectors.plain.talks import Talks, moment_in
from connectors.plain.texts import is_text, read_text

_NO_TEXT = "This entry has nothing where its text should be."
_NOT_SAID = "What this file holds was not among what you were asked about; it was not read."
_UNIQUE = 12  # letters of an id that no other program gives to something else


class MappedFiles(Archive):
    """Not found by the registry: made for one import, of what its owner said."""

    vendor = "plain"
    what = "files as you described them"
    plain = True

    def __init__(self, mappings: Sequence[Mapped]) -> None:
        self._mappings = tuple(mappings)

    def recognise(self, files: Files) -> bool:
        return any(self._said(file) for file in files.values())

    def records(self, files: Files) -> Iterator[Record]:
        for file in files.values():
            if hidden(file):
                continue
            if said := self._said(file):
                for place, mapped in said:
                    if mapped.fields:
                        yield from read_rows(file, place, mapped.fields)
            elif places(file):
                yield Unreadable(file.where, _NOT_SAID)
            elif is_text(file):
                yield from read_text(file)

    def _said(self, file: File) -> list[tuple[Place, Mapped]]:
        found = [(place, mapped_for(self._mappings, file, place)) for place in places(file)]
        return [(place, mapped) for place, mapped in found if mapped]


def read_rows(file: File, place: Place, fields: Fields) -> Iterator[Record]:
    """Every entry there: as a memory, or as a turn where somebody said it; each that cannot be
    read as Unreadable."""
    talks = Talks(fields)
    for where, row in rows(file, place):
        if isinstance(row, Unreadable):
            yield row
        elif not _text(row, fields):
            yield Unreadable(where, _NO_TEXT)
        elif fields.speaker and not isinstance(row, str):
            yield from talks.add(row, _text(row, fields), where if place.inside else "")
        else:
            yield _item(row, fields)
    yield from talks.rest()


def _text(row: Row | str, fields: Fields) -> str:
    if isinstance(row, str):
        return row.strip() if fields.text == ITSELF else ""
    return words(row.get(fields.text))


def _item(row: Row | str, fields: Fields) -> Item:
    if isinstance(row, str):
        said = entry(row)
        id = stable_id("text", same_text(said.text))
        return Item(said.text, remote_id=id, created_at=said.day)
    text, id = _text(row, fields), words(row.get(fields.id))
    unique = (id,) if len(id) >= _UNIQUE else (id, same_text(text))
    return Item(
        text,
        _kind(words(row.get(fields.kind))),
        remote_id=stable_id("row", *unique) if id else stable_id("text", same_text(text)),
        title=words(row.get(fields.title)),
        created_at=moment_in(row, fields),
    )


def _kind(said: str) -> Kind:
    """One of our kinds by its name, or what such words mean above a list."""
    plain = said.strip().casefold()
    return kind_of(plain) if plain in KINDS else kind_under(said) or "fact"
