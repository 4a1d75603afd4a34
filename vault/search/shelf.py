"""The documents of an index: by number, in their conversations, and through a filter."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from vault.search.documents import EVERYTHING, Document, Filter

if TYPE_CHECKING:
    from uuid import UUID

    from numpy.typing import NDArray

RECORD = 700  # bytes that Python needs around one document and its id
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = np.dtype(
    [("live", "?"), ("kind", "<i4"), ("role", "<i4"), ("trust", "<f4"), ("time", "<f8")]
)


class Shelf:
    """Documents under keys that count up and are never used again. Not thread-safe."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._documents: dict[int, Document] = {}
        self._keys: dict[UUID, int] = {}
        self._conversations: defaultdict[str, set[int]] = defaultdict(set)
        self._codes: dict[str, int] = {}
        self._columns = np.zeros(0, COLUMNS)  # indexed by key, with room to grow
        self._next = 0

    def __len__(self) -> int:
        return len(self._documents)

    def __getitem__(self, key: int) -> Document:
        return self._documents[key]

    def key(self, id: UUID) -> int | None:
        return self._keys.get(id)

    def add(self, documents: list[Document]) -> range:
        """The keys given to these documents, whose ids must be new here."""
        keys = range(self._next, self._next + len(documents))
        self._grow(keys.stop)
        self._columns[keys.start : keys.stop] = [self._row(document) for document in documents]
        for key, document in zip(keys, documents, strict=True):
            self._documents[key] = document.light()
            self._keys[document.id] = key
            self.nbytes += RECORD + len(document.text)
            if document.conversation:
                self._conversations[document.conversation].add(key)
        self._next = keys.stop
        return keys

    def remove(self, key: int) -> None:
        document = self._documents.pop(key)
        del self._keys[document.id]
        self._columns["live"][key] = False
        self.nbytes -= RECORD + len(document.text)
        if document.conversation:
            self._conversations[document.conversation].remove(key)

    def neighbours(self, id: UUID, before: int, after: int) -> list[UUID]:
        """The ids around it in its conversation, in order, without its own."""
        key = self._keys.get(id)
        if key is None or not self._documents[key].conversation:
            return []
        members = self._conversations[self._documents[key].conversation]
        placed = sorted((self._documents[m].position, self._documents[m].id) for m in members)
        here = placed.index((self._documents[key].position, id))
        around = placed[max(0, here - before) : here] + placed[here + 1 : here + 1 + after]
        return [id for _, id in around]

    def allowed(self, allow: Filter) -> NDArray[np.bool_] | None:
        """Which keys a filter lets through, indexed by key; None when it lets all through."""
        if allow == EVERYTHING:
            return None
        rows = self._columns[: self._next]
        mask: NDArray[np.bool_] = rows["live"] & (rows["trust"] >= np.float32(allow.least_trust))
        for column, names in (("kind", allow.kinds), ("role", allow.roles)):
            if names is not None:
                codes = [self._codes[name] for name in names if name in self._codes]
                mask &= np.isin(rows[column], codes)
        if allow.after is not None:
            mask &= rows["time"] >= _seconds(allow.after)
        if allow.before is not None:
            mask &= rows["time"] < _seconds(allow.before)
        mask[[self._keys[id] for id in allow.exclude if id in self._keys]] = False
        return mask

    def _row(self, document: Document) -> tuple[bool, int, int, float, float]:
        when = document.occurred_at
        return (
            True,
            self._code(document.kind),
            self._code(document.role),
            document.trust,
            _seconds(when) if when else np.nan,
        )

    def _code(self, name: str) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def _grow(self, size: int) -> None:
        if size > len(self._columns):
            room = np.zeros(max(size, 2 * len(self._columns)), COLUMNS)
            room[: len(self._columns)] = self._columns
            self._columns = room


def _seconds(when: datetime) -> float:
    """A time without a zone is taken as UTC."""
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - EPOCH).total_seconds()
