"""Looking after indexed collections: what is stale is deleted, and the HNSW indexes of large ones
are made, renewed after a rotation, and dropped.

A chore without keys. While an index is built nobody can write turned vectors; only background work
does that, and it waits. Until it is there, search compares every vector: slower, and exact.
"""

import logging
from hashlib import md5
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import Count
from psycopg.errors import DiskFull

from vault.embedding import turning
from vault.models import Collection, TurnedVector, Vault
from vault.scope import vault_scope
from vault.search import turned

logger = logging.getLogger(__name__)

_PATIENCE = "10s"  # for writers to finish; new ones wait behind us
_MOST = 1_536  # MiB that a build may take
_AROUND = 400  # bytes that the index needs around a vector while it is built
_OURS = 0x7361_7463  # the lock under which one server builds at a time


def tend() -> int:
    """Look after every vault's indexes; how many were made. At most one server does this."""
    made = 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            rows = Collection.objects.filter(vault_id=vault_id).values_list("id", "indexed")
            mine = [id for id, indexed in rows if indexed or turned.indexes(id)]
        for collection in mine:
            with vault_scope(vault_id):
                turning.compact(vault_id, collection)
            made += _tend_one(vault_id, collection)
    return made


def index_name(collection: UUID, model: str, epoch: int, size: int) -> str:
    """As the database names it."""
    what = f"{model}/{epoch}/{size}".encode()
    return f"turned_{collection.hex}_{md5(what, usedforsecurity=False).hexdigest()[:12]}"


def _tend_one(vault_id: UUID, collection: UUID) -> int:
    made = 0
    try:
        with vault_scope(vault_id):
            wanted = _wanted(vault_id, collection)
        names = {index_name(collection, *place): place for place in wanted}
        for name, place in names.items():
            made += _make(vault_id, collection, name, place, wanted[place])
        with vault_scope(vault_id):
            if _alone() and not names.keys() >= set(turned.indexes(collection)):
                turned.drop_indexes(collection, list(names))
    except OperationalError as error:  # others were at the table for too long: the next time
        logger.warning("An index was left as it is: %s", type(error).__name__)
    return made


def _make(
    vault_id: UUID, collection: UUID, name: str, place: tuple[str, int, int], rows: int
) -> bool:
    def build(workers: str = "") -> bool:
        with vault_scope(vault_id):
            if name in turned.indexes(collection) or not _alone(workers):
                return False
            turned.make_index(collection, *place, _mebibytes(rows, place[2]))
        return True

    try:
        return build()
    except OperationalError as error:
        if not isinstance(error.__cause__, DiskFull):
            raise
    return build(workers="0")  # several share what they build, and there is no room for that


def _wanted(vault_id: UUID, collection: UUID) -> dict[tuple[str, int, int], int]:
    """(model, epoch, size) of what is large enough, and how many rows."""
    rows = TurnedVector.objects.filter(vault_id=vault_id, collection_id=collection)
    counted = rows.values_list("model", "epoch").annotate(n=Count("id")).order_by()
    found = {}
    for model, epoch, count in counted:
        if count > turned.EXACT_MOST:
            first = rows.filter(model=model, epoch=epoch).order_by()[:1].get()
            if (size := len(first.turned)) <= turned.INDEX_MOST:
                found[model, epoch, size] = count
    return found


def _mebibytes(rows: int, size: int) -> int:
    """What the database needs to build it in memory; of a still larger one the rest goes slower."""
    return min(_MOST, 64 + (rows * (2 * size + _AROUND) >> 20))


def _alone(workers: str = "") -> bool:
    """Whether nobody else builds. `workers`: how many processes may help, if not as usual."""
    with connection.cursor() as cursor:
        if workers:
            cursor.execute(
                "SELECT set_config('max_parallel_maintenance_workers', %s, true)", [workers]
            )
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), pg_try_advisory_xact_lock(%s)",
            [_PATIENCE, _OURS],
        )
        return bool(cursor.fetchone()[1])
