"""Under which id a row is sealed whose plain columns must be what they were when it was sealed.

A revision, source or letter is bound to its own row by its id, and by this to its memory and to
whatever else of it stands in plain columns: who brought it, with which import, when, as which kind.
"""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from vault.models import Revision, Source

Plain = UUID | bytes | memoryview | str | datetime | None
NEVER = -(1 << 63)


def revision_id(row: Revision) -> UUID:
    return _id(b"revision", row.id, row.memory_id, row.kind, row.changed_at, row.changed_by)


def letter_id(id: UUID, grant: UUID, at: datetime) -> UUID:
    """Of a letter, before it has a row: who posted it, and when."""
    return _id(b"letter", id, grant, at)


def source_id(row: Source) -> UUID:
    who = (row.vendor, row.key, row.grant_id, row.import_id)
    return _id(b"source", row.id, row.memory_id, *who, row.seen_at)


def microseconds(when: datetime | None) -> int:
    """Whole ones since 1970, without the rounding of `timestamp()`; -2^63 for no time."""
    if when is None:
        return NEVER
    seconds = int(when.replace(microsecond=0).timestamp())
    return seconds * 1_000_000 + when.microsecond


def _id(what: bytes, *columns: Plain) -> UUID:
    """Each with its length, so that no two rows give the same bytes."""
    parts = [what, *map(_bytes, columns)]
    joined = b"".join(len(part).to_bytes(4) + part for part in parts)
    return UUID(bytes=sha256(b"satchel/v1/bound" + joined).digest()[:16])


def _bytes(value: Plain) -> bytes:
    """The first byte tells an empty value from none."""
    match value:
        case None:
            return b"\0"
        case UUID():
            return b"\1" + value.bytes
        case datetime():
            return b"\1" + microseconds(value).to_bytes(8, signed=True)
        case str():
            return b"\1" + value.encode("utf-8", "surrogatepass")
        case _:
            return b"\1" + bytes(value)
