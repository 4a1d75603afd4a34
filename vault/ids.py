"""New ids: UUIDv7, so that rows written together lie together in the index."""

from uuid import NAMESPACE_OID, UUID, uuid5

from uuid6 import uuid7 as _uuid7

NIL = UUID(int=0)


def new_id() -> UUID:
    return UUID(int=_uuid7().int)


def id_from(digest: bytes) -> UUID:
    """An id that only follows from a keyed digest: equal digests, equal ids, nothing else told."""
    return uuid5(NAMESPACE_OID, digest.hex())


def by_model(id: UUID, model: str) -> UUID:
    """What a memory's or a segment's vectors are sealed under, so that one model's vectors never
    pass for another's. A `Vector` row has it for an id."""
    return uuid5(id, model)
