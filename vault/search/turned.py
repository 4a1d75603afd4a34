"""Turned vectors in PostgreSQL: put in, found by their nearness, taken out.

A collection of one model has one rotation an epoch. What is found may belong to a memory that was
revised, moved or forgotten since: whoever asks compares revisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg.halfvec import register_halfvec_info
from psycopg import Cursor, sql
from psycopg.types import TypeInfo

from vault.ids import new_id
from vault.keys.keyring import Keyring, turned_size
from vault.models import TurnedVector
from vault.search import binary
from vault.search.lookup import packed
from vault.search.segments import Block

EXACT_MOST = 1_000_000
"""Rows of a collection up to which every one is compared; above, an HNSW index finds them. Measured
with so many: all of the nearest in 0.35 s, where the index finds half of them."""
INDEX_MOST = 4_000  # numbers of a vector that pgvector can index
LOOKED_AT = 400  # candidates that the index keeps in sight: at 100,000 rows it finds .98, 200 .94
MOST_LOOKED_AT = 1_000
MOST_PASSED = 20_000  # rows the index is followed past, because they were deleted since

_COLUMNS = "id, vault_id, memory_id, collection_id, revision, model, passage, epoch, turned"
_PUT = (
    f"INSERT INTO vault_turnedvector ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
    " ON CONFLICT (vault_id, collection_id, memory_id, model, passage) DO UPDATE"
    " SET revision = excluded.revision, epoch = excluded.epoch, turned = excluded.turned"
)
_MINE = (
    "vault_id = {vault} AND collection_id = {collection} AND model = {model} AND epoch = {epoch}"
)
_SIZED = "AND vector_dims(turned) = {size}"
"""Whatever was written there from elsewhere: one of another size would fail the whole question."""
_EXACT = sql.SQL(
    f"SELECT memory_id, revision FROM vault_turnedvector WHERE {_MINE} {{among}} {_SIZED}"  # noqa: S608
    " ORDER BY turned <#> {vector}::halfvec({size}) LIMIT {limit}"
)
_THROUGH_INDEX = sql.SQL(
    f"SELECT memory_id, revision FROM vault_turnedvector WHERE {_MINE}"  # noqa: S608
    " ORDER BY turned::halfvec({size}) <#> {vector}::halfvec({size}) LIMIT {limit}"
)
_OF_MEMORIES = sql.SQL(
    f"SELECT memory_id, revision, turned FROM vault_turnedvector WHERE {_MINE} {{among}}"  # noqa: S608
    f" {_SIZED}"
    " ORDER BY memory_id, passage"
)
_AMONG = sql.SQL("AND memory_id = ANY({ids})")
_GUIDED = sql.SQL(
    "SELECT set_config('hnsw.ef_search', {wide}, true), set_config('enable_sort', {sort}, true),"
    " set_config('jit', 'off', true), set_config('hnsw.iterative_scan', 'strict_order', true),"
    " set_config('hnsw.max_scan_tuples', {most}, true)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows as columns: (n, 16) ids of memories, (n,) revisions; (n, size) vectors if read."""

    epoch: int
    ids: NDArray[np.uint8]
    revisions: NDArray[np.int64]
    turned: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.ids)


class Turned:
    """One collection's turned vectors of one model, as a keyring can use them. Within a scope."""

    def __init__(self, keyring: Keyring, collection: UUID, model: str, dim: int) -> None:
        self.dim = dim
        self._keyring = keyring
        self._place = (collection, model)

    def put(self, block: Block, epoch: int) -> None:
        """These embeddings, turned by the key of `epoch`; earlier ones of the same memories go."""
        collection, model = self._place
        turned = self._keyring.turn(collection, epoch, model, block.vectors)
        counts = block.passages.tolist()
        ids = [UUID(bytes=id.tobytes()) for id in block.ids]
        owners = [at for at, count in enumerate(counts) for _ in range(count)]
        passages = [passage for count in counts for passage in range(count)]
        revisions = block.revisions.tolist()
        vault_id = self._keyring.vault_id
        rows = [
            (
                *(new_id(), vault_id, ids[at], collection, revisions[at], model),
                *(passage, epoch, HalfVector(row)),
            )
            for at, passage, row in zip(owners, passages, turned, strict=True)
        ]
        with binary.cursor() as cursor:
            _teach(cursor)
            cursor.executemany(_PUT, rows)
        self._cut_off(ids, counts)

    def nearest(
        self, query: NDArray[np.float32], limit: int, *, large: bool, ids: Sequence[UUID] = ()
    ) -> list[Rows]:
        """The rows nearest to a question, of each epoch the best first; only of `ids` if given.

        `large` goes through the collection's index, where there is one: most of the nearest.
        """
        return [self._nearest(query, limit, epoch, large, ids) for epoch in self._epochs()]

    def of(self, ids: Sequence[UUID]) -> list[Rows]:
        """All rows of these memories."""
        return [self._read(_OF_MEMORIES, epoch, ids=list(ids)) for epoch in self._epochs()]

    def cosines(self, query: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
        collection, model = self._place
        turned = self._keyring.turn(collection, rows.epoch, model, query[None])[0]
        cosines: NDArray[np.float32] = np.einsum(
            "ij,j->i", rows.turned.astype(np.float32), turned.astype(np.float32)
        )
        return cosines

    def back(self, epoch: int, turned: NDArray[np.float16]) -> NDArray[np.float32]:
        """As they were, of length 1."""
        collection, model = self._place
        vectors = self._keyring.turn_back(collection, epoch, model, self.dim, turned)
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        whole: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-6)[:, None]
        return whole

    def _epochs(self) -> list[int]:
        return self._keyring.epochs(self._place[0])

    def _nearest(
        self, query: NDArray[np.float32], limit: int, epoch: int, large: bool, ids: Sequence[UUID]
    ) -> Rows:
        collection, model = self._place
        turned = self._keyring.turn(collection, epoch, model, query[None])[0]
        if not large or ids or limit > MOST_LOOKED_AT:
            return self._read(_EXACT, epoch, vector=turned, limit=limit, ids=list(ids))
        wide, most = str(max(LOOKED_AT, limit)), str(MOST_PASSED)
        with binary.cursor() as cursor:
            cursor.execute(_GUIDED.format(wide=wide, sort="off", most=most))
            found = self._read(_THROUGH_INDEX, epoch, vector=turned, limit=limit)
            cursor.execute(_GUIDED.format(wide=wide, sort="on", most=most))
        if len(found) < limit:  # the index leads to rows that are gone, until the next vacuum
            return self._read(_EXACT, epoch, vector=turned, limit=limit)
        return found

    def _read(
        self,
        statement: sql.SQL,
        epoch: int,
        *,
        vector: NDArray[np.float16] | None = None,
        limit: int = 0,
        ids: list[UUID] | None = None,
    ) -> Rows:
        collection, model = self._place
        size = self._size
        parts: dict[str, Any] = {"vault": self._keyring.vault_id, "collection": collection}
        parts |= {"model": model, "epoch": epoch, "size": size, "limit": limit}
        parts |= {"among": _AMONG.format(ids=ids) if ids else sql.SQL("")}
        if vector is not None:
            parts["vector"] = _words(vector)
        with binary.cursor() as cursor:
            # Values stand in the statement itself: an index of one collection is only taken for it.
            cursor.execute(statement.format(**parts), prepare=False, binary=True)
            return _rows(epoch, cursor.fetchall(), size)

    @property
    def _size(self) -> int:
        return turned_size(self.dim)

    def _cut_off(self, ids: Sequence[UUID], counts: Sequence[int]) -> None:
        """Passages that an earlier revision had and this one has not."""
        collection, model = self._place
        mine = TurnedVector.objects.filter(
            vault_id=self._keyring.vault_id, collection_id=collection, model=model
        )
        for count in set(counts):
            those = [id for id, own in zip(ids, counts, strict=True) if own == count]
            mine.filter(memory_id__in=those, passage__gte=count).delete()


def rewrite(vault_id: UUID, epoch: int, ids: Sequence[UUID], turned: NDArray[np.float16]) -> None:
    """Put other vectors, turned by the key of `epoch`, into these rows. Within a scope."""
    with binary.cursor() as cursor:
        _teach(cursor)
        cursor.executemany(
            "UPDATE vault_turnedvector SET turned = %s, epoch = %s WHERE vault_id = %s AND id = %s",
            [(HalfVector(row), epoch, vault_id, id) for row, id in zip(turned, ids, strict=True)],
        )


def make_index(collection: UUID, model: str, epoch: int, size: int, mebibytes: int) -> str:
    """Build the HNSW index of a collection of the vault in scope, unless it is there. Its name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT vault_index_turned(%s, %s, %s, %s, %s)",
            [collection, model, epoch, size, mebibytes],
        )
        return str(cursor.fetchone()[0])


def drop_indexes(collection: UUID, keeping: Sequence[str] = ()) -> int:
    """Drop the collection's HNSW indexes but those. How many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT vault_drop_turned(%s, %s)", [collection, list(keeping)])
        return int(cursor.fetchone()[0])


def indexes(collection: UUID) -> list[str]:
    """The names of the collection's HNSW indexes that are whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE indrelid = 'vault_turnedvector'::regclass AND indisvalid"
            " AND starts_with(relname, %s) ORDER BY relname",
            [f"turned_{collection.hex}_"],
        )
        return [name for (name,) in cursor.fetchall()]


def _teach(cursor: Cursor[Any]) -> None:
    """To send half vectors as they are."""
    if (info := TypeInfo.fetch(cursor.connection, "halfvec")) is None:
        raise LookupError("This database has no pgvector with half vectors.")
    register_halfvec_info(cast(Any, cursor), info)  # it needs no more of it than its adapters


def _words(vector: NDArray[np.float16]) -> str:
    return "[" + ",".join(map(repr, vector.astype(np.float32).tolist())) + "]"


def _rows(epoch: int, found: list[tuple[Any, ...]], size: int) -> Rows:
    """What binary answers hold: of a vector its size and a zero in 2 bytes each, then halves."""
    ids = packed([row[0] for row in found])
    revisions = np.array([row[1] for row in found], np.int64)
    data = b"".join(row[2][4:] for row in found if len(row) > 2)
    turned = np.frombuffer(data, ">f2").reshape(-1, size).astype(np.float16)
    return Rows(epoch, ids, revisions, turned)
