"""Reads what Perplexity remembers: the memory sheet of its user-data workbook.

Its columns are not known from any public source, so they are found by names that such columns go
by; a sheet with one column is a list of memories. The sheets profile and subscription say who the
person is and what they pay: they are not looked at.
"""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File
from connectors.base.reading.workbook import Table, sheets
from connectors.base.types import Item, Unreadable

SHEETS = frozenset(("profile", "preferences", "memory", "subscription"))
_MEMORY = "memory"
_PASSED_OVER = frozenset(("profile", "subscription"))
_TEXT = ("memory", "memory_text", "content", "text", "value", "fact", "summary")
_TITLE = ("title", "key", "name", "category", "topic")
_ID = ("memory_uuid", "memory_id", "uuid", "id")
_CREATED = ("created_at", "created", "created_datetime", "date", "timestamp")
_UPDATED = ("updated_at", "updated", "updated_datetime", "modified_at", "last_updated")
_UNKNOWN = "The columns of this sheet are not known; it was not read."
_NOT_READ = "This sheet is not in a form that is known; it was not read."


def read_workbook(file: File, copies: Copies) -> Iterator[Record]:
    """The memories; a sheet that is not known and holds something is reported."""
    for table in sheets(file):
        if isinstance(table, Unreadable):
            yield table
        elif table.name.strip().lower() == _MEMORY:
            yield from _memories(table, f"{file.where}, sheet {table.name}", copies)
        elif table.name.strip().lower() not in _PASSED_OVER and next(table.rows, None):
            yield Unreadable(f"{file.where}, sheet {table.name}", _NOT_READ)


def _memories(table: Table, where: str, copies: Copies) -> Iterator[Record]:
    for number, row in enumerate(table.rows, 1):
        if isinstance(row, Unreadable):
            yield row
            continue
        cells = {"_".join(name.lower().split()): value for name, value in row.items()}
        column = _column(cells)
        if column is None:
            yield Unreadable(where, _UNKNOWN)
            return
        item = _item(cells, column)
        if not item.text:
            yield Unreadable(f"{where}, entry {number}", "This memory is without its text.")
        elif copies.is_new(f"memory {item.remote_id}", item.updated_at):
            yield item


def _column(cells: dict[str, str]) -> str | None:
    """The column with the text: one of a known name, or the only one."""
    only = next(iter(cells)) if len(cells) == 1 else None
    return next((name for name in _TEXT if name in cells), only)


def _item(cells: dict[str, str], column: str) -> Item:
    text, given = cells[column].strip(), _first(cells, _ID)
    return Item(
        text,
        "fact",
        remote_id=given or stable_id("memory", text),
        title=_first(cells, _TITLE) if column not in _TITLE else "",
        created_at=moment(_first(cells, _CREATED)),
        updated_at=moment(_first(cells, _UPDATED)),
    )


def _first(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), "")
