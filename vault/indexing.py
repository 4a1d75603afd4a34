"""Embeddings: made for memories that have none, sealed, and folded into segments."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Sum

from vault.access import Access
from vault.models import Memory, Segment, Vector
from vault.records import Content, open_content
from vault.scope import vault_scope
from vault.search.documents import Document, indexed_text
from vault.search.embed import Embedder, Embedding, default_embedder
from vault.search.models import wordllama
from vault.search.models.files import ModelFilesError
from vault.search.segments import MOST, pack, unpack

logger = logging.getLogger(__name__)

FOLD_FROM = 256
"""A collection's single embeddings are folded into segments once there are this many."""


@cache
def embedder() -> Embedder:
    """The one embedder of this process; the first call may take a second to build it."""
    if settings.SATCHEL_EMBEDDER == "wordllama":
        return wordllama.load()
    return default_embedder(Path(settings.SATCHEL_MODELS_DIR))


def index_now(access: Access, memory_ids: Sequence[UUID]) -> None:
    """Embed these memories at once. Without model files they stay findable by their words."""
    try:
        model = embedder()
    except ModelFilesError:
        logger.exception("No embedding model: new memories are found by their words only.")
        return
    with vault_scope(access.vault_id):
        rows = _wanting(access, model.model).filter(id__in=memory_ids)
        _store(access, list(rows), model)


def index_next(access: Access, after: UUID | None, limit: int) -> tuple[UUID | None, int]:
    """Embed the next memories that need it, in the order of their ids.

    (the last id looked at, how many were embedded); None for the id when there are no more.
    """
    model = embedder()
    with vault_scope(access.vault_id):
        rows = _wanting(access, model.model).order_by("id")
        batch = list((rows.filter(id__gt=after) if after else rows)[:limit])
    texts = [_text(access, row) for row in batch]
    with ThreadPoolExecutor(2) as pool:  # the model lets go of the interpreter while it works
        embeddings = list(pool.map(model.embed, texts))
    with vault_scope(access.vault_id):
        _save(access, batch, embeddings, model.model)
    return (batch[-1].id if batch else None), len(batch)


def waiting(access: Access) -> int:
    """How many memories have no embedding yet."""
    with vault_scope(access.vault_id):
        count: int = _wanting(access, embedder().model).count()
    return count


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
    return sum(_fold_one(access, collection, model) for collection, model in full)


def _wanting(access: Access, model: str):  # type: ignore[no-untyped-def]
    there = Vector.objects.filter(
        vault_id=OuterRef("vault_id"),
        id=OuterRef("id"),
        revision=OuterRef("revision"),
        collection_id=OuterRef("collection_id"),
        model=model,
    )
    kept = Memory.objects.filter(
        vault_id=access.vault_id, collection_id__in=access.visible, forgotten_at=None
    )
    return kept.exclude(sealed=b"").filter(~Exists(there))


def _store(access: Access, rows: Sequence[Memory], model: Embedder) -> None:
    embeddings = [model.embed(_text(access, row)) for row in rows]
    _save(access, rows, embeddings, model.model)


def _text(access: Access, row: Memory) -> str:
    content: Content = open_content(access.keyring, row)
    return indexed_text(
        Document(id=row.id, text=content.text, speaker=content.speaker, occurred_at=row.occurred_at)
    )


def _save(
    access: Access, rows: Sequence[Memory], embeddings: Sequence[Embedding], model: str
) -> None:
    # A memory may have been moved, revised or forgotten while it was being embedded.
    still = Memory.objects.filter(
        vault_id=access.vault_id, id__in=[row.id for row in rows], forgotten_at=None
    ).exclude(sealed=b"")
    now = ("id", "collection_id", "epoch", "revision")
    places = set(still.order_by("id").select_for_update().values_list(*now))
    vectors = [
        _vector(access, row, embedding, model)
        for row, embedding in zip(rows, embeddings, strict=True)
        if (row.id, row.collection_id, row.epoch, row.revision) in places
    ]
    fields = ["collection_id", "revision", "model", "epoch", "passages", "tokens"]
    Vector.objects.bulk_create(
        vectors, update_conflicts=True, unique_fields=["vault", "id"], update_fields=fields
    )


def _vector(access: Access, row: Memory, embedding: Embedding, model: str) -> Vector:
    seal, place = access.keyring.seal, (row.id, row.revision)
    home = (row.collection_id, row.epoch)
    short = embedding.tokens is not None
    return Vector(
        vault_id=row.vault_id,
        id=row.id,
        collection_id=row.collection_id,
        revision=row.revision,
        model=model,
        epoch=row.epoch,
        passages=seal(*home, "passages", *place, embedding.without_tokens().to_bytes()),
        tokens=seal(*home, "tokens", *place, embedding.to_bytes()) if short else None,
    )


def _compact(access: Access, collection: UUID) -> None:
    """Take out of the segments what was forgotten, revised or moved since they were sealed."""
    keyring, mine = access.keyring, {"vault_id": access.vault_id, "collection_id": collection}
    with vault_scope(access.vault_id):
        folded = Vector.objects.filter(**mine, passages=None)
        segments = Segment.objects.filter(**mine)
        if (segments.aggregate(n=Sum("count"))["n"] or 0) == folded.count():
            return
        live = {
            (id, rev, model) for id, rev, model in folded.values_list("id", "revision", "model")
        }
        for segment in segments.select_for_update():
            place = (collection, segment.epoch, "segment", segment.id, 0)
            entries = list(unpack(keyring.open(*place, segment.sealed)))
            kept = [e for e in entries if (e[0], e[1], segment.model) in live]
            if not kept:
                segment.delete()
            elif len(kept) < len(entries):
                data = pack([(id, revision, one.to_bytes()) for id, revision, one in kept])
                segment.sealed, segment.count = keyring.seal(*place, data), len(kept)
                segment.save(update_fields=["sealed", "count"])


def _fold_one(access: Access, collection: UUID, model: str) -> int:
    moved = 0
    while batch := _fold_batch(access, collection, model):
        moved += batch
    return moved


def _fold_batch(access: Access, collection: UUID, model: str) -> int:
    with vault_scope(access.vault_id):
        tail = Vector.objects.filter(
            vault_id=access.vault_id,
            collection_id=collection,
            model=model,
            passages__isnull=False,
        ).order_by("id")
        rows = list(tail.select_for_update(skip_locked=True)[:MOST])
        if not rows:
            return 0
        keyring = access.keyring
        entries = [
            (
                row.id,
                row.revision,
                keyring.open(collection, row.epoch, "passages", row.id, row.revision, row.passages),
            )
            for row in rows
            if row.passages is not None
        ]
        segment = Segment(
            vault_id=access.vault_id,
            collection_id=collection,
            model=model,
            epoch=max(row.epoch for row in rows),
            count=len(rows),
        )
        segment.sealed = keyring.seal(
            collection, segment.epoch, "segment", segment.id, 0, pack(entries)
        )
        segment.save(force_insert=True)
        tail.filter(id__in=[row.id for row in rows]).update(passages=None)
    return len(rows)
