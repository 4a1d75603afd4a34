"""Folding: single embeddings become segments, which a collection opens from ten times faster, or
turned vectors, if it is indexed. What search holds of a large collection is kept for the next."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Sum

from vault.access import Access
from vault.embedding import turning
from vault.ids import by_model
from vault.integrity import derived
from vault.keys.epochs import epochs
from vault.keys.keyring import Keyring
from vault.models import Segment, Vector
from vault.scope import vault_scope
from vault.search import shelves
from vault.search.segments import MOST, pack, unpack

FOLD_FROM = 256
"""A collection's single embeddings are folded into segments once there are this many."""


def fold(access: Access) -> int:
    """Move single embeddings into segments, where enough have come together. How many moved."""
    with vault_scope(access.vault_id):
        tails = Vector.objects.filter(
            vault_id=access.vault_id, collection_id__in=access.visible, passages__isnull=False
        )
        sizes = tails.values("collection_id", "model").annotate(size=Count("id")).order_by()
        full = [(row["collection_id"], row["model"]) for row in sizes if row["size"] >= FOLD_FROM]
    for collection in access.visible:
        _compact(access, collection)
    moved = sum(_fold_one(access, collection, model) for collection, model in full)
    shelves.keep_due(access)
    return moved


def _compact(access: Access, collection: UUID) -> None:
    """Take out of the segments what was forgotten, revised or moved since they were sealed."""
    mine = {"vault_id": access.vault_id, "collection_id": collection}
    with vault_scope(access.vault_id):
        if turning.mode(access, collection).indexed:
            turning.compact(access.vault_id, collection)
            return
        folded = Vector.objects.filter(**mine, passages=None)
        segments = Segment.objects.filter(**mine)
        if (segments.aggregate(n=Sum("count"))["n"] or 0) == folded.count():
            return
        live = set(folded.values_list("memory_id", "revision", "model"))
        for segment in segments.order_by("id").select_for_update():
            _compact_one(access, segment, live)


def _compact_one(access: Access, segment: Segment, live: set[tuple[UUID, int, str]]) -> None:
    place = ("segment", by_model(segment.id, segment.model), 0)
    home, keyring = segment.collection_id, access.keyring
    if not derived.opens(keyring, segment):
        derived.drop(access, home, [segment])
        return
    entries = list(unpack(keyring.open(home, segment.epoch, *place, segment.sealed)))
    kept = [
        (id, revision, one.to_bytes())
        for id, revision, one in entries
        if (id, revision, segment.model) in live
    ]
    if not kept:
        segment.delete()
    elif len(kept) < len(entries):
        segment.epoch = epochs(access, [home])[home]
        segment.sealed = keyring.seal(home, segment.epoch, *place, pack(kept))
        segment.count = len(kept)
        segment.save(update_fields=["epoch", "sealed", "count"])


def _fold_one(access: Access, collection: UUID, model: str) -> int:
    moved = 0
    while batch := _fold_batch(access, collection, model):
        moved += batch
    return moved


def _fold_batch(access: Access, collection: UUID, model: str) -> int:
    with vault_scope(access.vault_id):
        mode = turning.mode(access, collection, "FOR SHARE")
        tail = Vector.objects.filter(
            vault_id=access.vault_id,
            collection_id=collection,
            model=model,
            passages__isnull=False,
        ).order_by("id")
        rows = list(tail.select_for_update(skip_locked=True)[:MOST]) if mode.folds else []
        if not rows:
            return 0
        bad = [row for row in rows if not derived.opens(access.keyring, row)]
        derived.drop(access, collection, bad)  # they are made anew
        kept = [row for row in rows if row not in bad]
        entries = [(row.memory_id, row.revision, _passages(access.keyring, row)) for row in kept]
        put = turning.put if mode.indexed else put_segment
        if entries:
            put(access, collection, model, entries)
        tail.filter(id__in=[row.id for row in rows]).update(passages=None)
    return len(rows)


def put_segment(
    access: Access, collection: UUID, model: str, entries: Sequence[turning.Entry]
) -> None:
    """Seal these embeddings in one segment, under the collection's present key. In a scope."""
    segment = Segment(
        vault_id=access.vault_id,
        collection_id=collection,
        model=model,
        epoch=epochs(access, [collection])[collection],
        count=len(entries),
    )
    place = ("segment", by_model(segment.id, model), 0)
    segment.sealed = access.keyring.seal(collection, segment.epoch, *place, pack(entries))
    segment.save(force_insert=True)


def _passages(keyring: Keyring, row: Vector) -> bytes:
    place = (row.collection_id, row.epoch, "passages", by_model(row.memory_id, row.model))
    return keyring.open(*place, row.revision, row.passages or b"")
