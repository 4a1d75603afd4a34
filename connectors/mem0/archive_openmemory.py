"""Reads OpenMemory's backup: a zip with memories.json, which holds all that is in its database.

Source: openmemory/api/app/routers/backup.py in mem0ai/mem0. The same memories stand once more in
memories.jsonl.gz beside it, which is not needed.
"""

from collections.abc import Iterator
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import items
from connectors.base.shape import Json, a_list_in, name_in, text_in
from connectors.base.types import Item, Unreadable

_TABLES = frozenset(("user", "apps", "categories", "memories"))
_ROW = frozenset(("id", "content", "state"))
_PAST = frozenset(("archived", "paused"))


class OpenMemory(Archive):
    vendor = "mem0"
    what = "OpenMemory backup"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_backup, (values for _, values in glimpses(files))))

    def account(self, files: Files) -> str:
        found = (values[0] for _, values in glimpses(files) if _is_backup(values))
        return next((name_in(one["user"], "user_id") for one in found), "")

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            if _is_backup(glimpse(file)):
                reading = _Reading(file)
                rows = items(file, "memories")
                yield from each_new(rows, f"{file.where}, memory", reading.item, copies)


class _Reading:
    """One backup, with the names of its categories and apps."""

    def __init__(self, file: File) -> None:
        self._categories, self._apps = _names(file, "categories"), _names(file, "apps")

    def item(self, raw: Json) -> Item | None:
        """What was deleted stays in the database there; here it is left out."""
        state, text = text_in(raw, "state"), text_in(raw, "content")
        if state == "deleted":
            return None
        if not text.strip():
            raise ItemError("This memory holds no text.")
        found = (self._categories.get(str(id), "") for id in a_list_in(raw, "category_ids"))
        said = {
            "categories": ", ".join(filter(None, found)),
            "app": self._apps.get(name_in(raw, "app_id"), ""),
            "superseded": "yes" if state in _PAST else "",
        }
        return Item(
            text,
            remote_id=name_in(raw, "id") or stable_id("memory", text),
            created_at=moment(raw.get("created_at")),
            updated_at=moment(raw.get("updated_at")),
            metadata={name: value for name, value in said.items() if value},
        )


def _names(file: File, under: str) -> dict[str, str]:
    entries = (one for one in items(file, under) if not isinstance(one, Unreadable))
    rows = (one for one in entries if isinstance(one, dict))
    return {name_in(one, "id"): name_in(one, "name") for one in rows}


def _is_backup(values: list[Any]) -> bool:
    first = values[0] if values else None
    if not isinstance(first, dict) or not isinstance(first.get("user"), dict):
        return False
    rows = first.get("memories")
    if rows is None:  # its apps alone were more than is looked at
        return {"user", "apps"} <= first.keys() and "user_id" in first["user"]
    rows = rows if isinstance(rows, list) else []
    return first.keys() >= _TABLES and (not rows or any(map(_is_row, rows)))


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= _ROW
