"""A memory as both of Mem0's APIs show it."""

from typing import Any

from connectors.base.live.marks import entry_with
from connectors.base.moments import moment
from connectors.base.types import Entry


def entry_of(row: Any) -> Entry:
    """Unreadable where it holds no text; KeyError where the row is none."""
    return entry_with(
        row["id"],
        row["memory"],
        row.get("metadata"),
        created_at=moment(row["created_at"]),
        updated_at=moment(row.get("updated_at")),
    )
