"""Bringing vectors into pgvector, turned, and back: what folding does for an indexed collection.

Vectors that are not turned yet lie sealed beside their memories, as those of a sealed collection
do: nobody who adds a memory waits for a table that many share.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from numpy.typing import NDArray

from vault.access import Access
from vault.embedding.embedders import choices, space_of
from vault.errors import NotFound
from vault.ids import by_model
from vault.integrity import traits
from vault.integrity.traits import Lock
from vault.keys.epochs import epochs
from vault.keys.keyring import Keyring, turned_size
from vault.models import Memory, Shelf, TurnedVector, Vector
from vault.search.embed import Embedding
from vault.search.segments import pack, parse
from vault.search.turned import Turned, rewrite

_SAME = {
    name: OuterRef(name) for name in ("vault_id", "memory_id", "model", "revision", "collection_id")
}
Entry = tuple[UUID, int, bytes]
"""A memory, its revision, its embedding's bytes without token vectors."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Whether a collection is searched through pgvector, and what it is becoming, if anything."""

    indexed: bool
    becoming: str

    @property
    def folds(self) -> bool:
        """Whether new vectors may be folded: not while turned ones are being sealed again."""
        return not (self.indexed and self.becoming == "sealed")


def mode(access: Access, collection: UUID, lock: Lock = "") -> Mode:
    """Within a scope. NotFound when the collection is gone, Tampered when it is not searched as its
    owner left it."""
    found = traits.of(access, [collection], lock).get(collection)
    if found is None:
        raise NotFound(gettext("There is no such collection."))
    return Mode(found.indexed, found.becoming)


def put(access: Access, collection: UUID, model: str, entries: Sequence[Entry]) -> None:
    """Turn these embeddings under the collection's present key. Within a scope."""
    epoch, block = epochs(access, [collection])[collection], parse(pack(entries))
    Turned(access.keyring, collection, model, block.vectors.shape[1]).put(block, epoch)


def compact(vault_id: UUID, collection: UUID) -> int:
    """Take out what was forgotten for good, revised or moved since it was turned. How many rows."""
    folded = Vector.objects.filter(**_SAME, passages=None)
    rows = TurnedVector.objects.filter(vault_id=vault_id, collection_id=collection)
    gone, _ = rows.filter(~Exists(folded)).delete()
    return gone


def shred(vault_id: UUID, memory_ids: Sequence[UUID]) -> None:
    """Destroy what search keeps of these memories beside their own rows. Within a scope."""
    rows = Memory.objects.filter(vault_id=vault_id, id__in=memory_ids)
    homes = set(rows.values_list("collection_id", flat=True).distinct().order_by())
    mine = {"vault_id": vault_id, "collection_id__in": homes}
    TurnedVector.objects.filter(**mine, memory_id__in=memory_ids).delete()
    Shelf.objects.filter(**mine).delete()


def drop_lost(access: Access, collection: UUID) -> int:
    """Give up embeddings that are neither turned nor waiting to be: they will be made anew."""
    turned = TurnedVector.objects.filter(**_SAME)
    folded = Vector.objects.filter(
        vault_id=access.vault_id, collection_id=collection, passages=None
    )
    lost, _ = folded.filter(~Exists(turned)).delete()
    return lost


def models(access: Access, collection: UUID) -> list[str]:
    """The models of which embeddings are folded, in order."""
    rows = Vector.objects.filter(vault_id=access.vault_id, collection_id=collection, passages=None)
    return sorted(rows.values_list("model", flat=True).distinct().order_by())


def back(
    access: Access, collection: UUID, model: str, after: UUID | None, limit: int
) -> list[Entry]:
    """The next turned embeddings in the order of their memories, as they were.

    Within a scope. Short texts have theirs sealed with the vectors of their tokens: exactly those
    come back, the others but for rounding. [] at the end, and for a model that nobody uses now.
    """
    known = dims(access, collection)
    if model not in known:
        return []
    rows = _mine(access, collection).filter(model=model)
    named = (rows.filter(memory_id__gt=after) if after else rows).values("memory_id", "revision")
    page = list(named.distinct().order_by("memory_id")[:limit].values_list("memory_id", "revision"))
    ids = [id for id, _ in page]
    sealed = dict(_sealed(access, collection, model, ids))
    made = _turned_back(
        access, collection, model, known[model], [i for i in ids if i not in sealed]
    )
    found = sealed | made
    return [(id, revision, found[id].to_bytes()) for id, revision in page if id in found]


def turn_again(access: Access, collection: UUID, epoch: int, rows: Sequence[TurnedVector]) -> None:
    """Under the key of another epoch. Within a scope, with the rows locked. Those of a size that no
    turned vector has are dropped."""
    ring = access.keyring
    groups: dict[tuple[str, int, int], list[TurnedVector]] = {}
    for row in rows:
        groups.setdefault((row.model, row.epoch, len(row.turned)), []).append(row)
    for (model, old, size), mine in groups.items():
        if turned_size(size) != size:
            _mine(access, collection).filter(id__in=[row.id for row in mine]).delete()
            continue
        turned = np.array([row.turned for row in mine], np.float16)
        vectors = ring.turn_back(collection, old, model, size, turned)
        again = ring.turn(collection, epoch, model, vectors)
        rewrite(access.vault_id, epoch, [row.id for row in mine], again)


def _mine(access: Access, collection: UUID) -> QuerySet[TurnedVector]:
    return TurnedVector.objects.filter(vault_id=access.vault_id, collection_id=collection)


def dims(access: Access, collection: UUID) -> dict[str, int]:
    """How many numbers the vectors of its models have, before they are turned. Within a scope."""
    chosen = choices(access, [collection])[collection]
    spaces = [space_of(one) for one in (chosen.now, chosen.next) if one is not None]
    return {space.model: space.dim for space in spaces}


def _sealed(
    access: Access, collection: UUID, model: str, ids: Sequence[UUID]
) -> Iterator[tuple[UUID, Embedding]]:
    rows = Vector.objects.filter(
        vault_id=access.vault_id, collection_id=collection, model=model, memory_id__in=list(ids)
    )
    for row in rows.exclude(tokens=None).defer("passages"):
        yield row.memory_id, tokens_of(access.keyring, row).without_tokens()


def tokens_of(keyring: Keyring, row: Vector) -> Embedding:
    """A short text's whole embedding, sealed in its row."""
    place = (row.collection_id, row.epoch, "tokens", by_model(row.memory_id, row.model))
    return Embedding.from_bytes(keyring.open(*place, row.revision, row.tokens or b""))


def _turned_back(
    access: Access, collection: UUID, model: str, dim: int, ids: Sequence[UUID]
) -> dict[UUID, Embedding]:
    if not ids:
        return {}
    turned = Turned(access.keyring, collection, model, dim)
    passages: dict[UUID, list[NDArray[np.float32]]] = {}
    for rows in turned.of(ids):
        vectors = turned.back(rows.epoch, rows.turned) if len(rows) else ()
        for id, vector in zip(rows.ids, vectors, strict=True):
            passages.setdefault(UUID(bytes=id.tobytes()), []).append(vector)
    return {id: Embedding(np.stack(several).astype(np.float16)) for id, several in passages.items()}
