"""Embeddings that go along with a memory whose place changed while its words did not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from vault.access import Access
from vault.embedding.embedders import choices, space_of
from vault.ids import by_model
from vault.integrity import traits
from vault.keys.keyring import Keyring
from vault.models import Memory, Segment, Vector
from vault.search.embed import Embedding
from vault.search.segments import unpack
from vault.writes import update_rows


def carry(access: Access, rows: Sequence[Memory], before: Mapping[UUID, int]) -> None:
    """Seal the embeddings of these rows anew for the place that each now has.

    `before` is the revision that each had. Within a scope, with the rows locked. What was embedded
    at an older revision, with a model that is not used there, or is turned, is let go: what is
    missing is embedded anew, as always. Turned rows stay until the next look at the indexes: search
    passes them over, and a request must not wait for their table, which is closed to writers while
    an index is built.
    """
    if not rows:
        return
    now = {row.id: row for row in rows}
    vectors = Vector.objects.filter(vault_id=access.vault_id, memory_id__in=now)
    found = list(vectors.select_for_update())
    homes = {one.collection_id for one in found} | {row.collection_id for row in rows}
    used, turned = _models(access, homes), _turned(access, homes)
    fresh = [
        one
        for one in found
        if one.revision == before[one.memory_id]
        and one.model in used[now[one.memory_id].collection_id]
        and not {one.collection_id, now[one.memory_id].collection_id} & turned
    ]
    data = _embeddings(access, fresh)
    kept = [one for one in fresh if one.id in data]
    for one in kept:
        _seal(access.keyring, one, now[one.memory_id], data[one.id])
    vectors.exclude(id__in=[one.id for one in kept]).delete()
    update_rows(kept, "collection_id", "revision", "epoch", "passages", "tokens")


def _models(access: Access, collections: set[UUID]) -> dict[UUID, set[str]]:
    return {
        collection: {space_of(one).model for one in (chosen.now, chosen.next) if one}
        for collection, chosen in choices(access, collections).items()
    }


def _seal(keyring: Keyring, vector: Vector, row: Memory, embedding: Embedding) -> None:
    vector.collection_id, vector.epoch = row.collection_id, row.epoch
    vector.revision = row.revision

    def seal(field: str, data: bytes) -> bytes:
        place = (row.collection_id, row.epoch, field, by_model(row.id, vector.model))
        return keyring.seal(*place, row.revision, data)

    vector.passages = seal("passages", embedding.without_tokens().to_bytes())
    vector.tokens = seal("tokens", embedding.to_bytes()) if embedding.tokens is not None else None


def _embeddings(access: Access, vectors: Sequence[Vector]) -> dict[UUID, Embedding]:
    """By vector: from its own row, or from the segment into which it was folded."""
    found, folded = {}, []
    for one in vectors:
        field, sealed = ("tokens", one.tokens) if one.tokens else ("passages", one.passages)
        if sealed is None:
            folded.append(one)
            continue
        place = (one.collection_id, one.epoch, field, by_model(one.memory_id, one.model))
        found[one.id] = Embedding.from_bytes(access.keyring.open(*place, one.revision, sealed))
    return found | dict(_unfolded(access, folded))


def _unfolded(access: Access, vectors: Sequence[Vector]) -> Iterator[tuple[UUID, Embedding]]:
    wanted: defaultdict[tuple[UUID, str], dict[tuple[UUID, int], UUID]] = defaultdict(dict)
    for one in vectors:
        wanted[one.collection_id, one.model][one.memory_id, one.revision] = one.id
    for (collection, model), ids in wanted.items():
        segments = Segment.objects.filter(
            vault_id=access.vault_id, collection_id=collection, model=model
        )
        for segment in segments.order_by("id").iterator(chunk_size=8):
            place = (collection, segment.epoch, "segment", by_model(segment.id, model), 0)
            for memory, revision, embedding in unpack(access.keyring.open(*place, segment.sealed)):
                if (memory, revision) in ids:
                    yield ids[memory, revision], embedding


def _turned(access: Access, collections: set[UUID]) -> set[UUID]:
    """Those whose vectors lie turned in the index, or are on their way there or back."""
    said = traits.of(access, collections)
    return collections - {id for id, one in said.items() if not (one.indexed or one.becoming)}
