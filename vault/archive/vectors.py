"""Embeddings: from single rows and from segments, as lines, and as single rows again.

Those that lie turned in the database stay behind: they are rounded, and are made anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from uuid import UUID

from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.memories import EPOCH
from vault.archive.taking import Taking, portions
from vault.embedding.embedders import Space
from vault.ids import by_model
from vault.keys.slots import Record
from vault.models import Memory, Segment, Vector
from vault.search.embed import Embedding
from vault.search.segments import unpack

Place = tuple[UUID, str, int]
"""A memory, the model, and the memory's revision."""


def take(taking: Taking) -> Iterator[lines.Vector]:
    """Nothing unless embeddings were asked for."""
    if taking.vectors:
        yield from _single(taking)
        yield from _folded(taking)


def put(access: Access, portion: Sequence[lines.Vector], spaces: Mapping[UUID, Space]) -> None:
    """Write these; those of another revision, or not of their collection's space, are left out.
    Damaged when one is no embedding."""
    wanted = Memory.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    wanted = wanted.filter(id__in={line.memory_id for line in portion}, forgotten_at=None)
    there = {row.id: row for row in wanted.defer("sealed", "digest")}
    rows = []
    for line in portion:
        fits = (line.model, _dim(line))
        memory = there.get(line.memory_id)
        space = spaces.get(memory.collection_id) if memory else None
        current = memory is not None and memory.revision == line.revision
        if memory and space and current and fits == (space.model, space.dim):
            rows.append(_row(access, memory.collection_id, line))
    Vector.objects.bulk_create(rows, ignore_conflicts=True)


def _single(taking: Taking) -> Iterator[lines.Vector]:
    mine = _mine(taking.access).filter(passages__isnull=False)
    for portion in portions(mine.order_by("id")):
        yield from taking.each("vectors", portion, lambda row: _line(taking.access, row))


def _folded(taking: Taking) -> Iterator[lines.Vector]:
    access = taking.access
    segments = Segment.objects.filter(
        vault_id=access.vault_id, collection_id__in=access.visible
    ).order_by("id")
    for segment in segments.iterator(chunk_size=4):
        for entries in taking.each("vectors", [segment], lambda row: _entries(access, row)):
            opened = partial(_folded_line, access, entries)
            yield from taking.each("vectors", _live(access, segment, list(entries)), opened)


def _entries(access: Access, segment: Segment) -> dict[Place, bytes]:
    sealed_for = by_model(segment.id, segment.model)
    place = (segment.collection_id, segment.epoch, "segment", sealed_for, 0)
    data = access.keyring.open(*place, segment.sealed)
    return {
        (memory, segment.model, revision): embedding.to_bytes()
        for memory, revision, embedding in unpack(data)
    }


def _live(access: Access, segment: Segment, places: Sequence[Place]) -> list[Vector]:
    """What was forgotten, changed or moved since it was folded is still in a segment."""
    rows = _mine(access).filter(
        passages=None,
        collection_id=segment.collection_id,
        model=segment.model,
        memory_id__in=[memory for memory, _, _ in places],
    )
    wanted = set(places)
    return [row for row in rows if _place(row) in wanted]


def _place(row: Vector) -> Place:
    return row.memory_id, row.model, row.revision


def _mine(access: Access):  # type: ignore[no-untyped-def]
    return Vector.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)


def _line(access: Access, row: Vector, passages: bytes | None = None) -> lines.Vector:
    return lines.Vector(
        memory_id=row.memory_id,
        revision=row.revision,
        model=row.model,
        passages=passages or _opened(access, row, "passages", row.passages or b""),
        tokens=_opened(access, row, "tokens", row.tokens) if row.tokens is not None else None,
    )


def _opened(access: Access, row: Vector, field: str, sealed: Record) -> bytes:
    sealed_for = by_model(row.memory_id, row.model)
    place = (row.collection_id, row.epoch, field, sealed_for, row.revision)
    return access.keyring.open(*place, sealed)


def _folded_line(access: Access, entries: Mapping[Place, bytes], row: Vector) -> lines.Vector:
    return _line(access, row, entries[_place(row)])


def _dim(line: lines.Vector) -> int:
    both = [data for data in (line.passages, line.tokens) if data is not None]
    try:
        (dim,) = {Embedding.from_bytes(data).dim for data in both}
    except ValueError:  # one is no embedding, or they differ
        raise Damaged from None
    return dim


def _row(access: Access, collection: UUID, line: lines.Vector) -> Vector:
    id = by_model(line.memory_id, line.model)

    def sealed(field: str, data: bytes) -> bytes:
        return access.keyring.seal(collection, EPOCH, field, id, line.revision, data)

    return Vector(
        vault_id=access.vault_id,
        id=id,
        memory_id=line.memory_id,
        collection_id=collection,
        revision=line.revision,
        model=line.model,
        epoch=EPOCH,
        passages=sealed("passages", line.passages),
        tokens=sealed("tokens", line.tokens) if line.tokens is not None else None,
    )
