"""Recall: searching memories, and assembling what a model should know within a token budget."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from vault import access_log, records
from vault.access import Access
from vault.indexing import embedder
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.render import render
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.documents import Filter
from vault.search.rank import Hit as Ranked
from vault.search.rank import search_all
from vault.types import Context, Hit, Memory

LONGEST_QUERY = 4_000
_STANDING = ("profile", "instruction")
_STANDING_MOST = 40
_CONTEXT_HITS = 40
_DIVERSITY = 0.3


def search(
    access: Access,
    query: str,
    *,
    limit: int = 10,
    kinds: Iterable[str] | None = None,
    collections: Iterable[UUID] | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    prefix: bool = False,
    purpose: str = "",
) -> list[Hit]:
    """The best first. NotFound for a collection out of sight; what a grantee finds is logged."""
    wanted = Filter(kinds=None if kinds is None else frozenset(kinds), after=after, before=before)
    with transaction.atomic():
        ranked = _ranked(access, query, collections, wanted, limit=limit, prefix=prefix)
        hits = _hits(access, ranked)
        _log(access, "search", hits, purpose)
    return hits


def context(
    access: Access,
    *,
    query: str = "",
    messages: Sequence[str] = (),
    max_tokens: int = 1000,
    kinds: Iterable[str] | None = None,
    collections: Iterable[UUID] | None = None,
    purpose: str = "",
) -> Context:
    """Profile and instructions first, then what bears on the query (or on the last messages).

    The text never takes more than `max_tokens`. What a grantee is given is logged.
    """
    asked = query or "\n".join(messages[-3:])
    allowed = None if kinds is None else frozenset(kinds)
    with transaction.atomic():
        standing = _standing(access, collections, allowed)
        others = Filter(kinds=allowed, exclude=frozenset(hit.memory.id for hit in standing))
        found: list[Hit] = []
        if asked.strip():
            ranked = _ranked(
                access, asked, collections, others, limit=_CONTEXT_HITS, diversity=_DIVERSITY
            )
            found = _with_answers(access, collections, ranked)
        text, used, tokens = render(standing, found, max_tokens)
        _log(access, "context", used, purpose)
    return Context(text, tuple(used), tokens)


def _ranked(
    access: Access,
    query: str,
    collections: Iterable[UUID] | None,
    wanted: Filter,
    *,
    limit: int,
    prefix: bool = False,
    diversity: float = 0.0,
) -> list[Ranked]:
    model = embedder()
    chosen = access.narrowed(None if collections is None else set(collections))
    opened = sealed.open_collections(access, chosen, model=model.model, dim=model.dim)
    return search_all(
        [one.index for one in opened],
        query[:LONGEST_QUERY],
        model,
        now=timezone.now(),
        limit=limit,
        filter=wanted,
        tokens_of=lambda ids: sealed.tokens_of(access, opened, ids),
        prefix=prefix,
        diversity=diversity,
    )


def _hits(access: Access, ranked: Sequence[Ranked]) -> list[Hit]:
    memories = _memories(access, [hit.id for hit in ranked])
    return [Hit(memories[hit.id], hit.score, hit.why) for hit in ranked if hit.id in memories]


def _memories(access: Access, ids: Sequence[UUID]) -> dict[UUID, Memory]:
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(
            vault_id=access.vault_id,
            id__in=ids,
            collection_id__in=access.visible,
            forgotten_at=None,
        ).exclude(sealed=b"")
        sources = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=ids)
        opened = records.views(access, rows, sources.order_by("seen_at", "id"))
    return {memory.id: memory for memory in opened}


def _standing(
    access: Access, collections: Iterable[UUID] | None, allowed: frozenset[str] | None
) -> list[Hit]:
    """What holds whatever is asked: who the owner is, and how they want to be answered."""
    kinds = [kind for kind in _STANDING if allowed is None or kind in allowed]
    chosen = access.narrowed(None if collections is None else set(collections))
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(
            vault_id=access.vault_id, collection_id__in=chosen, kind__in=kinds, forgotten_at=None
        ).exclude(sealed=b"")
        ids = list(
            rows.order_by("-pinned", "-sorted_at").values_list("id", flat=True)[:_STANDING_MOST]
        )
    memories = _memories(access, ids)
    return [Hit(memories[id], 1.0, (memories[id].kind,)) for id in ids if id in memories]


def _with_answers(
    access: Access, collections: Iterable[UUID] | None, ranked: Sequence[Ranked]
) -> list[Hit]:
    """Each turn of a conversation brings the turn after it, which answers or goes on."""
    model = embedder()
    chosen = access.narrowed(None if collections is None else set(collections))
    opened = sealed.open_collections(access, chosen, model=model.model, dim=model.dim)
    after: dict[UUID, UUID] = {}
    for hit in ranked[:10]:
        for one in opened:
            if hit.id in one.index:
                for neighbour in one.index.neighbours(hit.id, before=0, after=1):
                    after[hit.id] = neighbour
    memories = _memories(access, [*(hit.id for hit in ranked), *after.values()])
    given: set[UUID] = set()
    hits: list[Hit] = []
    for hit in ranked:
        for id, why in ((hit.id, hit.why), (after.get(hit.id), ("conversation",))):
            if id is not None and id in memories and id not in given:
                given.add(id)
                hits.append(Hit(memories[id], hit.score, why))
    return hits


def _log(access: Access, action: str, hits: Sequence[Hit], purpose: str) -> None:
    if not access.is_owner:
        access_log.record(access, action, [hit.memory.id for hit in hits], purpose)
