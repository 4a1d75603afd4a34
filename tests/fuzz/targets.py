"""What is fuzzed: every reader of exports, and the parsers that they are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from connectors.base.archive import Archive
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.limits import Limits
from connectors.base.reading import frontmatter, json_lines, json_stream, markup, tables, workbook
from connectors.base.reading.files import File, Files, Upload, open_archive
from connectors.base.registry import archives, recognise
from connectors.base.types import Unreadable
from tests.connectors.shapes import upload
from tests.fuzz import seeds
from tests.fuzz.bundle import Contents, files_of, packed
from tests.fuzz.invariants import read_twice, sound

Check = Callable[[Contents], None]


@dataclass(frozen=True)
class Target:
    """`check` raises when something does not hold; `seeds` are what to begin with."""

    name: str
    check: Check
    seeds: tuple[bytes, ...]


@cache
def targets() -> dict[str, Target]:
    """By name: the slugs of the readers, then the parsers."""
    built = seeds.exports()
    readers = {
        slug: Target(slug, _reader(archive), tuple(map(packed, built[slug])))
        for slug, archive in archives().items()
    }
    parsers = {
        name: Target(name, check, tuple(map(packed, seeds.PARSERS[name])))
        for name, check in _PARSERS.items()
    }
    return readers | parsers


def _reader(archive: Archive) -> Check:
    def check(contents: Contents) -> None:
        read_twice(archive, files_of(contents), sum(map(len, contents.values())))

    return check


def _each(parse: Callable[[File], Any]) -> Check:
    """`parse` answers the same each time it is asked, and raises nothing but what it says."""

    def check(contents: Contents) -> None:
        for file in files_of(contents).values():
            first, again = _tried(parse, file), _tried(parse, file)
            assert first == again, "two readings differ"
            _no_odd_letters(first)

    return check


def _tried(parse: Callable[[File], Any], file: File) -> Any:
    try:
        return parse(file)
    except ItemError as error:
        return str(error)


def _no_odd_letters(value: Any) -> None:
    if isinstance(value, str):
        assert "\0" not in value, "a NUL"
        value.encode()
    elif isinstance(value, dict):
        for key, part in value.items():
            _no_odd_letters(key)
            _no_odd_letters(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _no_odd_letters(part)
    elif isinstance(value, Unreadable):
        assert value.where and value.reason


def _stream(file: File) -> list[Any]:
    lists = list(json_stream.lists_in(file))
    seen = [list(json_stream.peek(file, under)) for under in ("", "chats", *lists[:3])]
    found = list(json_stream.items(file)), list(json_stream.items(file, "chats"))
    return [lists, seen, *found]


def _lines(file: File) -> list[Any]:
    return [list(json_lines.peek_lines(file)), list(json_lines.lines(file))]


def _table(file: File) -> list[Any]:
    return [tables.columns(file), list(tables.cells(file)), list(tables.rows(file))]


def _workbook(file: File) -> list[Any]:
    found: list[Any] = [workbook.is_workbook(file), workbook.sheet_names(file)]
    for sheet in workbook.sheets(file):
        if isinstance(sheet, Unreadable):
            found.append(sheet)
        else:
            found += [sheet.name, list(sheet.rows)]
    return found


def _text(file: File) -> str:
    with file.open() as stream:
        return stream.read().decode("utf-8", "replace").replace("\0", "\ufffd")


def _note(file: File) -> list[Any]:
    note = frontmatter.note(_text(file))
    return [note.fields, note.body]


def _html(file: File) -> str:
    return markup.plain(_text(file), Limits())


def _zips(contents: Contents) -> None:
    try:
        with open_archive(
            [_upload(name, raw) for name, raw in contents.items()] or [upload(b"")]
        ) as files:
            for file in files.values():
                _read_all(file)
            sound(list(files.unreadable), sum(map(len, contents.values())))
    except ArchiveError as refused:
        assert str(refused)


def _upload(name: str, raw: bytes) -> Upload:
    return upload(raw, name)


def _read_all(file: File) -> None:
    try:
        with file.open() as stream:
            assert len(stream.read()) == file.size
    except ArchiveError as refused:
        assert str(refused)


def _recognise(contents: Contents) -> None:
    files: Files = files_of(contents)
    try:
        found, again = recognise(files), recognise(files)
    except ArchiveError as refused:
        assert "One vendor" in str(refused) or "one vendor" in str(refused)
        return
    assert found is again


def _answers(contents: Contents) -> None:
    from tests.fuzz.answers import check

    for raw in contents.values():
        check(raw.decode("utf-8", "replace"))


_PARSERS: dict[str, Check] = {
    "json_stream": _each(_stream),
    "json_lines": _each(_lines),
    "tables": _each(_table),
    "workbook": _each(_workbook),
    "frontmatter": _each(_note),
    "markup": _each(_html),
    "zips": _zips,
    "answers": _answers,
    "every reader": _recognise,
}
