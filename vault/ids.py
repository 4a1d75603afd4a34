"""New ids: UUIDv7, so that rows written together lie together in the index."""

from uuid import NAMESPACE_OID, UUID, uuid5

from uuid6 import uuid7 as _uuid7

NIL = UUID(int=0)


def new_id() -> UUID:
    return UUID(int=_uuid7().int)


def id_from(digest: bytes) -> UUID:
    """An id that only follows from a keyed digest: equal digests, equal ids, nothing else told."""
    return uuid5(NAMESPACE_OID, digest.hex())
