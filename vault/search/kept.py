"""Kept shelves: what search holds of a large collection, sealed in the database as it is in memory.

A collection of half a million memories opens from it in seconds, not in half a minute. It is only
a copy: what it says of each memory counts as long as the memory's entry in the manifest is the one
that it was made with, and it can be thrown away at any time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

from vault.access import Access
from vault.errors import Tampered
from vault.integrity import manifests
from vault.keys.epochs import epochs
from vault.keys.keyring import tampered
from vault.models import Memory
from vault.models import Shelf as Row
from vault.search.binary import each
from vault.search.lexical import Words
from vault.search.lookup import BYTES, ends, packed
from vault.search.shelf import Shelf

LEAST = 5_000
"""Memories from which on a collection's shelf is kept: fewer open fast enough."""
_ENTRY = 32
_PART = 1 << 22  # bytes in one record
_HEAD = Struct("<B4Q")  # version, sizes of columns, entries, words and texts
_VERSION = 2
_LIVE = (
    "FROM vault_memory WHERE vault_id = %s AND collection_id = %s"
    " AND forgotten_at IS NULL AND sealed <> ''"
)
_PARTS = (
    "SELECT part, epoch, sealed FROM vault_shelf"
    " WHERE vault_id = %s AND collection_id = %s AND seq = %s AND part = ANY(%s) ORDER BY part"
)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A shelf and its words as they were, with the manifest entry (32 bytes) of each document."""

    shelf: Shelf
    words: Words
    entries: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """The memories that a collection holds now: (n, 16) ids and (n, 32) manifest entries."""

    ids: NDArray[np.uint8]
    entries: NDArray[np.uint8]


def present(access: Access, collection: UUID) -> Present:
    """Within a scope. Tampered when these are not the memories that must be there.

    It does not say that each row is what its entry says.
    """
    check = manifests.Check(access, collection)
    head, place = check.head(), [access.vault_id, collection]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({head.sql}), string_agg(uuid_send(id) || entry, ''::bytea),"
            f" bool_and(octet_length(entry) = {_ENTRY}) {_LIVE}",
            [*head.params, *place],
        )
        sealed, joined, fit = cursor.fetchone()
    if fit is False:
        raise tampered()  # an entry of another size
    rows = np.frombuffer(bytes(joined or b""), np.uint8).reshape(-1, BYTES + _ENTRY)
    if len(rows):
        check.add_entries([row.tobytes() for row in rows[:, BYTES:]], sealed)
    check.finish()
    return Present(rows[:, :BYTES], rows[:, BYTES:])


def read(access: Access, collection: UUID, *, texts: bool) -> Kept | None:
    """The newest that this asker can open; without the texts if they are not wanted. None as well
    for one that was altered: it is only a copy."""
    try:
        return _read(access, collection, texts=texts)
    except Tampered:
        return None


def _read(access: Access, collection: UUID, *, texts: bool) -> Kept | None:
    row = _mine(access, collection).filter(part=0).order_by("-seq").first()
    if row is None or row.epoch not in access.keyring.epochs(collection):
        return None
    first = _open(access, row)
    version, *sizes = _HEAD.unpack_from(first)
    if version != _VERSION or (texts and not sizes[-1]):
        return None  # it may have been kept while the collection was indexed
    wanted = _HEAD.size + sum(sizes if texts else sizes[:3])
    data = b"".join((first, *_rest(access, row, wanted)))
    if len(data) < wanted:
        return None  # parts are missing: as good as none
    starts = (np.cumsum([0, *sizes]) + _HEAD.size).tolist()
    columns, entries, words, text = (
        memoryview(data)[start : start + size] for start, size in zip(starts, sizes, strict=False)
    )
    return Kept(
        Shelf.from_bytes(columns, text if texts else None),
        Words.from_bytes(words),
        np.frombuffer(entries, np.uint8).reshape(-1, _ENTRY),
    )


def changes(kept: Kept, now: Present) -> tuple[list[UUID], list[UUID]]:
    """(what is new or was changed since, what is gone)."""
    keys = kept.shelf.keys(now.ids)
    same = (keys >= 0) & (kept.entries[keys] == now.entries).all(axis=1)
    left = kept.shelf.live()
    left[keys[keys >= 0]] = False
    altered = [UUID(bytes=id.tobytes()) for id in now.ids[~same]]
    return altered, kept.shelf.ids(np.flatnonzero(left))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A shelf and its words as bytes, and how many keys it had when they were drawn."""

    size: int
    columns: bytes
    words: bytes
    texts: bytes

    @classmethod
    def of(cls, shelf: Shelf, words: Words) -> "Drawn":
        return cls(shelf.size, shelf.columns_to_bytes(), words.to_bytes(), shelf.texts_to_bytes())


def write(
    access: Access,
    collection: UUID,
    seq: int,
    drawn: Drawn,
    now: Present,
    keys: NDArray[np.int64],
) -> int:
    """Keep a shelf in place of older ones. Its size in bytes.

    Within a scope. It was drawn with every change up to `seq`; then what is present was read, and
    the keys of these. What changed after `seq` counts as unknown: the drawn state and the entry
    may not be of the same moment.
    """
    entries = np.zeros((drawn.size, _ENTRY), np.uint8)
    same = (keys >= 0) & (keys < drawn.size)
    later = Memory.objects.filter(
        vault_id=access.vault_id, collection_id=collection, seq__gt=seq
    ).values_list("id", flat=True)
    changed = packed(list(later))
    same &= ~np.isin(ends(now.ids), ends(changed))
    entries[keys[same]] = now.entries[same]
    sections = (drawn.columns, entries.tobytes(), drawn.words, drawn.texts)
    data = b"".join((_HEAD.pack(_VERSION, *map(len, sections)), *sections))
    forget(access, collection)
    epoch = epochs(access, [collection])[collection]
    for part, start in enumerate(range(0, len(data), _PART)):
        place = (collection, epoch, "shelf", collection, seq << 20 | part)
        Row.objects.create(
            vault_id=access.vault_id,
            collection_id=collection,
            epoch=epoch,
            seq=seq,
            part=part,
            sealed=access.keyring.seal(*place, data[start : start + _PART]),
        )
    return len(data)


def forget(access: Access, collection: UUID) -> None:
    """Throw the collection's kept shelf away."""
    _mine(access, collection).delete()


def due(access: Access, collection: UUID) -> bool:
    """Whether keeping the shelf anew saves those who open the collection a noticeable wait."""
    mine = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection)
    kept = _mine(access, collection).filter(part=0).order_by("-seq").first()
    changed = mine.filter(seq__gt=kept.seq) if kept else mine.filter(forgotten_at=None)
    few = LEAST if kept is None else max(LEAST // 2, mine.count() // 20)
    return changed.count() >= few


def _mine(access: Access, collection: UUID) -> QuerySet[Row]:
    return Row.objects.filter(vault_id=access.vault_id, collection_id=collection)


def _open(access: Access, row: Row) -> bytes:
    place = (row.collection_id, row.epoch, "shelf", row.collection_id, row.seq << 20 | row.part)
    return access.keyring.open(*place, row.sealed)


def _rest(access: Access, first: Row, size: int) -> Iterator[bytes]:
    parts = range(1, -(-size // _PART))
    home = (access.vault_id, first.collection_id, first.seq)
    for part, epoch, sealed in each(_PARTS, home, parts, 4):
        row = Row(collection_id=home[1], seq=home[2], part=part, epoch=epoch, sealed=sealed)
        yield _open(access, row)
