"""Embeddings: made for memories that have none, and sealed."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from vault.access import Access
from vault.embedding.embedders import Chosen, choices, embedder_of, space_of
from vault.embedding.folding import fold
from vault.errors import Stale, Tampered
from vault.ids import by_model
from vault.keys.epochs import epochs
from vault.models import Memory, Vector
from vault.records import open_content
from vault.scope import vault_scope
from vault.search.choice import Choice
from vault.search.documents import Document, indexed_text
from vault.search.embed import Embedding, embed_all
from vault.search.errors import EmbedderError

__all__ = ["Portion", "embed_next", "fold", "index_next", "index_now", "waiting", "wanting"]

logger = logging.getLogger(__name__)

_ALONG = 16  # memories that waited and are embedded along, once their server answers again


@dataclass(frozen=True, slots=True)
class Portion:
    """What `embed_next` did. `last` is the last memory it looked at; None when there was none.
    `refused`: those that their model does not take."""

    last: UUID | None
    count: int
    refused: tuple[UUID, ...] = ()


def index_now(access: Access, memory_ids: Sequence[UUID]) -> None:
    """Embed these memories at once, if their model answers. If not, they are found by their words,
    and embedded later.

    Within a transaction it waits until that is committed: a slow model must not hold its locks.
    """
    transaction.on_commit(lambda: _index_all(access, memory_ids), robust=True)


def _index_all(access: Access, memory_ids: Sequence[UUID]) -> None:
    try:
        with vault_scope(access.vault_id):
            groups = _by_choice(choices(access))
    except (Stale, Tampered) as error:  # the next search says what was altered
        logger.warning("New memories are found by their words only: %s", type(error).__name__)
        return
    for choice, collections in groups.items():
        try:
            _index_now(access, choice, collections, memory_ids)
        except (EmbedderError, Stale) as error:
            logger.warning("New memories are found by their words only: %s", type(error).__name__)


def index_next(access: Access, after: UUID | None, limit: int) -> tuple[UUID | None, int]:
    """Embed the next memories that need it, in the order of their ids.

    (the last id looked at, how many were embedded); None for the id when there are no more.
    EmbedderError when their model does not answer.
    """
    portion = embed_next(access, after, limit)
    return portion.last, portion.count


def embed_next(
    access: Access,
    after: UUID | None,
    limit: int,
    wanted: Mapping[UUID, Choice] | None = None,
    patience: float = 30.0,
) -> Portion:
    """As `index_next`; `wanted` names the embedder for each collection, else the present ones.

    EmbedderError when one does not answer for `patience` seconds: what was kept before stays.
    """
    with vault_scope(access.vault_id):
        chosen = _present(choices(access)) if wanted is None else dict(wanted)
        rows = wanting(access, {c: space_of(one).model for c, one in chosen.items()})
        rows = rows.order_by("id")
        batch = list((rows.filter(id__gt=after) if after else rows)[:limit])
    refused: list[UUID] = []
    for choice in {chosen[row.collection_id] for row in batch}:
        mine = [row for row in batch if chosen[row.collection_id] == choice]
        refused += _embed(access, choice, mine, patience)
    last = batch[-1].id if batch else None
    return Portion(last, len(batch) - len(refused), tuple(refused))


def waiting(access: Access) -> int:
    """How many memories have no embedding of their collection's present model yet."""
    with vault_scope(access.vault_id):
        present = _present(choices(access))
        return wanting(access, {c: space_of(one).model for c, one in present.items()}).count()


def wanting(access: Access, models: Mapping[UUID, str]) -> QuerySet[Memory]:
    """Within a scope: memories of these collections with no vector of the collection's model."""
    there = Vector.objects.filter(
        vault_id=OuterRef("vault_id"),
        memory_id=OuterRef("id"),
        revision=OuterRef("revision"),
        collection_id=OuterRef("collection_id"),
    )
    wanted = Q(pk__in=[])
    for model in set(models.values()):
        homes = [c for c, its in models.items() if its == model and access.may_see(c)]
        wanted |= Q(~Exists(there.filter(model=model)), collection_id__in=homes)
    kept = Memory.objects.filter(vault_id=access.vault_id, forgotten_at=None)
    return kept.exclude(sealed=b"").filter(wanted)


def text_of(access: Access, row: Memory) -> str:
    """What of a memory is embedded."""
    content = open_content(access.keyring, row)
    return indexed_text(
        Document(id=row.id, text=content.text, speaker=content.speaker, occurred_at=row.occurred_at)
    )


def _present(found: Mapping[UUID, Chosen]) -> dict[UUID, Choice]:
    return {collection: one.now for collection, one in found.items()}


def _by_choice(found: Mapping[UUID, Chosen]) -> dict[Choice, list[UUID]]:
    groups: dict[Choice, list[UUID]] = {}
    for collection, one in found.items():
        groups.setdefault(one.now, []).append(collection)
    return groups


def _index_now(
    access: Access, choice: Choice, collections: Iterable[UUID], memory_ids: Sequence[UUID]
) -> None:
    with vault_scope(access.vault_id):
        rows = wanting(access, dict.fromkeys(collections, space_of(choice).model))
        batch = list(rows.filter(id__in=memory_ids))
        if batch and choice.leaves:  # what it did not answer for before
            batch += rows.exclude(id__in=memory_ids).order_by("-id")[:_ALONG]
    if batch:
        _embed(access, choice, batch, patience=0.0)


def _embed(access: Access, choice: Choice, rows: Sequence[Memory], patience: float) -> list[UUID]:
    """Make and keep their vectors; the ids of those that the model does not take."""
    texts = [text_of(access, row) for row in rows]
    made = embed_all(embedder_of(choice), texts, patience)
    with vault_scope(access.vault_id):
        pairs = list(zip(rows, made, strict=True))
        _save(access, [(row, one) for row, one in pairs if one is not None], choice)
    return [row.id for row, one in pairs if one is None]


def _save(access: Access, made: Sequence[tuple[Memory, Embedding]], choice: Choice) -> None:
    """Keep the vectors of what is still as it was when it was embedded: the memory may have been
    moved, revised or forgotten since, or its collection have got another embedder."""
    rows = Memory.objects.filter(vault_id=access.vault_id, id__in=[row.id for row, _ in made])
    still = rows.filter(forgotten_at=None).exclude(sealed=b"")
    # Before their collections: whoever revises one holds it, and waits for who holds those.
    locked = still.order_by("id").select_for_update()
    places = set(locked.values_list("id", "collection_id", "revision"))
    homes = {row.collection_id for row, _ in made}
    model = space_of(choice).model
    here = {
        collection
        for collection, one in choices(access, homes, "FOR SHARE").items()
        if model in (space_of(one.now).model, one.next and space_of(one.next).model)
    }
    current = epochs(access, here)
    Vector.objects.bulk_create(
        [
            _vector(access, row, current[row.collection_id], embedding, model)
            for row, embedding in made
            if row.collection_id in here and (row.id, row.collection_id, row.revision) in places
        ],
        update_conflicts=True,
        unique_fields=["vault", "memory_id", "model"],
        update_fields=["collection_id", "revision", "epoch", "passages", "tokens"],
    )


def _vector(access: Access, row: Memory, epoch: int, embedding: Embedding, model: str) -> Vector:
    id = by_model(row.id, model)
    seal, place = access.keyring.seal, (id, row.revision)
    home = (row.collection_id, epoch)
    short = embedding.tokens is not None
    return Vector(
        vault_id=row.vault_id,
        id=id,
        memory_id=row.id,
        collection_id=row.collection_id,
        revision=row.revision,
        model=model,
        epoch=epoch,
        passages=seal(*home, "passages", *place, embedding.without_tokens().to_bytes()),
        tokens=seal(*home, "tokens", *place, embedding.to_bytes()) if short else None,
    )
