"""What we write beside a memory, wherever a remote has room for names and values, and how it is
read again: the key of the write, the kind, the title."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors.base.kinds import kind_of
from connectors.base.types import Entry, Item

_NO_TEXT = "It holds no text."
_ODD_VALUES = "What is noted beside its text is in a form that is not known."


def marks(item: Item, key: str = "") -> dict[str, str]:
    """The values to leave with an entry; without a `key` those that a later write may change."""
    said = {"kind": item.kind, "title": item.title}
    return {"satchel": key, **said} if key else said


def entry_with(
    remote_id: str,
    text: object,
    values: object,
    *,
    etag: str = "",
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
) -> Entry:
    """The entry of a remote that shows `text` and the `values` beside it (an object, or None).

    Without an `etag` of the remote's own it is a digest of what is read, so it stays the same while
    the remote merely files the memory anew. What is no text makes an unreadable entry.
    """
    if not isinstance(text, str) or not text.strip():
        return Entry(remote_id, etag, None, unreadable=_NO_TEXT)
    if not isinstance(values, Mapping | None):
        return Entry(remote_id, etag, None, unreadable=_ODD_VALUES)
    said = values or {}
    item = Item(
        text,
        kind=kind_of(said.get("kind")),
        title=_text_in(said, "title"),
        created_at=created_at,
        updated_at=updated_at,
    )
    return Entry(remote_id, etag or digest(item), item, key=_text_in(said, "satchel"))


def digest(item: Item) -> str:
    """Changes exactly when text, title or kind of `item` do."""
    return sha256(json.dumps([item.text, item.title, item.kind]).encode()).hexdigest()


def _text_in(values: Mapping[str, Any], name: str) -> str:
    said = values.get(name)
    return said if isinstance(said, str) else ""
