"""What holds of every reader, whatever it is given."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, get_args

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError
from connectors.base.reading.files import Files
from connectors.base.types import Conversation, Item, Kind, Role, Unreadable

AMPLIFIED = 20
"""Letters that come out for one that goes in, at most: a title may stand at every record."""
_ROOM = 20_000


def read_twice(archive: Archive, files: Files, size: int) -> list[Record]:
    """Everything in `files`, twice the same; [] if it is not recognised or refused."""
    known = archive.recognise(files)
    assert isinstance(known, bool)
    if not known:
        return []
    first, again = _read(archive, files), _read(archive, files)
    assert first == again, "two readings differ"
    assert _account(archive, files) == _account(archive, files)
    sound(first, size)
    return [] if isinstance(first, str) else first


def sound(records: list[Record] | str, size: int) -> None:
    """Neutral values as the vault takes them, no more of them than the export has room for."""
    if isinstance(records, str):
        return
    assert len(records) <= size + 10, "more records than bytes"
    letters = 0
    for record in records:
        assert isinstance(record, Item | Conversation | Unreadable)
        letters += sum(map(_letters, _values(record)))
        if isinstance(record, Unreadable):
            assert record.where and record.reason
            assert len(record.reason) < 500
        elif isinstance(record, Item):
            assert record.kind in get_args(Kind), record.kind
            assert isinstance(record.text, str)
        else:
            assert all(turn.role in get_args(Role) for turn in record.turns)
            assert all(isinstance(turn.text, str) for turn in record.turns)
            assert not (record.do_not_remember and record.turns)
            assert len({turn.message_id for turn in record.turns}) <= len(record.turns)
    assert letters <= AMPLIFIED * size + _ROOM, f"{letters} letters out of {size} bytes"


def _read(archive: Archive, files: Files) -> list[Record] | str:
    try:
        return list(archive.read(files))
    except ArchiveError as refused:
        return str(refused)


def _account(archive: Archive, files: Files) -> str:
    try:
        account = archive.account(files)
    except ArchiveError as refused:
        account = str(refused)
    assert isinstance(account, str)
    _letters(account)
    return account


def _values(value: Any) -> Iterator[Any]:
    """All that is in a record."""
    if is_dataclass(value):
        for field in fields(value):
            yield from _values(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _values(part)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            assert isinstance(key, str) and isinstance(part, str), "metadata that is no text"
            yield from (key, part)
    else:
        yield value


def _letters(value: Any) -> int:
    if isinstance(value, datetime):
        assert value.tzinfo is not None, "a time without its zone"
        assert value.utcoffset() is not None
    if not isinstance(value, str):
        assert value is None or isinstance(value, datetime | int | bool), type(value)
        return 0
    assert "\0" not in value, "a NUL"
    value.encode()  # no lone surrogates
    return len(value)
