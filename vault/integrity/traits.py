"""A collection's own plain columns, read only where its manifest vouches for them.

Whoever writes the database could else have a sealed collection's vectors written to the index, or
its texts sent to an embedder of before, or show a collection under another name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import KeyChanged, NotFound, Tampered
from vault.integrity import heads, manifests
from vault.keys.epochs import learn_names

Lock = Literal["", "FOR SHARE", "FOR NO KEY UPDATE", "FOR UPDATE"]
_READ = (
    "SELECT c.id, c.epoch, c.private, c.indexed, c.becoming, c.sealed_embedder,"  # noqa: S608
    f" c.sealed_next_embedder, {heads.SEALED_PARTS} FROM vault_collection c"
    " LEFT JOIN vault_manifest m ON m.vault_id = c.vault_id AND m.id = c.id"
    " WHERE c.vault_id = %s AND c.id = ANY(%s) ORDER BY c.id"
)
_LOCK = "SELECT 1 FROM vault_collection WHERE vault_id = %s AND id = ANY(%s) ORDER BY id"


@dataclass(frozen=True, slots=True)
class Traits:
    """How a collection is shown, searched and embedded, as its owner left it."""

    epoch: int
    private: bool
    indexed: bool
    becoming: str
    embedder: bytes
    next_embedder: bytes


def of(access: Access, collections: Iterable[UUID], lock: Lock = "") -> dict[UUID, Traits]:
    """Of those of these visible collections that there are, in order; perhaps locked.

    Within a scope. Tampered when one is not as it was left.
    """
    found = {}
    for id, traits, head in _read(access, access.narrowed(set(collections)), lock):
        heads.parsed(id, manifests.key_of(access, id), head)
        found[id] = traits
    return found


def holdings(access: Access) -> dict[UUID, int | None]:
    """How many memories must be in each visible collection, None where that or one of its columns
    is not as it was left. Within a scope."""
    return {id: _count(access, id, head) for id, _, head in _read(access, access.visible)}


def altered(access: Access) -> frozenset[UUID]:
    """The visible collections whose columns are not as they were left. Within a scope."""
    return frozenset(id for id, count in holdings(access).items() if count is None)


def as_it_stands(access: Access, collection: UUID) -> Traits:
    """What the row says, whether or not that is what its owner left: only to be shown to them.
    NotFound when it is gone."""
    for _, said, _ in _read(access, access.narrowed({collection})):
        return said
    raise NotFound(gettext("There is no such collection."))


def _count(access: Access, id: UUID, head: bytes) -> int | None:
    try:
        return heads.parsed(id, manifests.key_of(access, id), head).count
    except (KeyChanged, Tampered):  # or its key is gone
        return None


def _read(
    access: Access, collections: Iterable[UUID], lock: Lock = ""
) -> Iterator[tuple[UUID, Traits, bytes]]:
    wanted = sorted(collections)
    if lock and lock != "FOR SHARE":
        heads.hold(access.vault_id)
    with connection.cursor() as cursor:
        if lock:
            # A statement of its own: what is read while it waits for a lock is of two moments.
            cursor.execute(f"{_LOCK} {lock}", [access.vault_id, wanted])
        cursor.execute(_READ, [access.vault_id, wanted])
        rows = cursor.fetchall()
    learn_names(access, [row[0] for row in rows])
    for id, epoch, private, indexed, becoming, now, after, head in rows:
        said = Traits(epoch, private, indexed, becoming, bytes(now), bytes(after))
        yield id, said, bytes(head or b"")
