"""What search derived from memories and keeps sealed: a row that does not open any more is dropped,
since it can be made anew."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Exists, Func, IntegerField, OuterRef

from vault.access import Access
from vault.embedding import turning
from vault.errors import Tampered
from vault.ids import by_model
from vault.keys.keyring import Keyring, turned_size
from vault.keys.slots import Record
from vault.models import Segment, Shelf, TurnedVector, Vector
from vault.search.segments import parse

Derived = Vector | Segment | Shelf | TurnedVector
_SOME = 2000


def broken(access: Access, collection: UUID) -> Iterator[Derived]:
    """The rows that do not open. Within a scope."""
    place = {"vault_id": access.vault_id, "collection_id": collection}
    for vector in Vector.objects.filter(**place).iterator(chunk_size=_SOME):
        if not opens(access.keyring, vector):
            yield vector
    for segment in Segment.objects.filter(**place).iterator(chunk_size=8):
        if not opens(access.keyring, segment):
            yield segment
    for part in Shelf.objects.filter(**place).iterator(chunk_size=4):
        if not opens(access.keyring, part):
            yield part
    yield from _of_another_size(access, collection)


def opens(keyring: Keyring, row: Vector | Segment | Shelf) -> bool:
    try:
        for field, id, revision, sealed in _records(row):
            keyring.open(row.collection_id, row.epoch, field, id, revision, sealed)
    except Tampered:
        return False
    return True


def drop(access: Access, collection: UUID, rows: Iterable[Derived]) -> int:
    """Give these up, with what is useless without them. How many. Within a scope."""
    count, gap = 0, False
    mine = {"vault_id": access.vault_id, "collection_id": collection}
    for row in rows:
        count += 1
        if isinstance(row, Shelf):
            Shelf.objects.filter(**mine).delete()
        elif isinstance(row, TurnedVector):
            same = {"memory_id": row.memory_id, "model": row.model}
            TurnedVector.objects.filter(**mine, **same).delete()
        else:
            row.delete()
        gap = gap or isinstance(row, Segment | TurnedVector)
    if gap:
        _drop_lost(access, collection)
    return count


def _records(row: Vector | Segment | Shelf) -> Iterator[tuple[str, UUID, int, Record]]:
    """The sealed parts of a row: (field, id, revision, record)."""
    if isinstance(row, Shelf):
        yield "shelf", row.collection_id, row.seq << 20 | row.part, row.sealed
    elif isinstance(row, Segment):
        yield "segment", by_model(row.id, row.model), 0, row.sealed
    else:
        id = by_model(row.memory_id, row.model)
        for field, sealed in (("passages", row.passages), ("tokens", row.tokens)):
            if sealed is not None:
                yield field, id, row.revision, sealed


def _of_another_size(access: Access, collection: UUID) -> Iterator[TurnedVector]:
    """Turned vectors are not sealed, but one of another size cannot be compared with a question."""
    rows = TurnedVector.objects.filter(vault_id=access.vault_id, collection_id=collection)
    for model, dim in turning.dims(access, collection).items():
        size = Func("turned", function="vector_dims", output_field=IntegerField())
        sized = rows.filter(model=model).annotate(size=size).exclude(size=turned_size(dim))
        yield from sized.defer("turned").iterator()


def _drop_lost(access: Access, collection: UUID) -> None:
    """Vectors that say they are folded, and are in no segment and not turned either."""
    mine = {"vault_id": access.vault_id, "collection_id": collection}
    same = {name: OuterRef(name) for name in (*mine, "memory_id", "model", "revision")}
    vectors = Vector.objects.filter(**mine)
    folded = vectors.filter(~Exists(TurnedVector.objects.filter(**same)), passages=None)
    there = set()
    for row in Segment.objects.filter(**mine).iterator(chunk_size=8):
        ((field, id, revision, sealed),) = _records(row)
        data = access.keyring.open(collection, row.epoch, field, id, revision, sealed)
        there |= {(row.model, UUID(bytes=one.tobytes())) for one in parse(data).ids}
    held = folded.values_list("id", "model", "memory_id")
    vectors.filter(id__in=[id for id, *place in held if tuple(place) not in there]).delete()
