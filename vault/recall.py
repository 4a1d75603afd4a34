"""Recall: searching memories, and assembling what a model should know within a token budget."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.utils import timezone

from vault import access_log, records
from vault.access import Access
from vault.indexing import embedder
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.render import render
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.documents import Document, Filter
from vault.search.rank import Hit as Ranked
from vault.search.rank import search_all
from vault.types import Context, Hit, Memory

LONGEST_QUERY = 4_000
_STANDING = ("profile", "instruction")
_STANDING_MOST = 40
_CONTEXT_HITS = 30
_TOKENS_OF_ONE = 40
_DIVERSITY = 0.3
_LAST_MESSAGES = 3
_WITH_ANSWER = 10
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


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
    with vault_scope(access.vault_id):
        opened = _open(access, _chosen(access, collections))
        ranked = _ranked(access, opened, query, wanted, limit=limit, prefix=prefix)
        memories = _memories(access, [hit.id for hit in ranked])
        hits = [Hit(memories[h.id], h.score, h.why) for h in ranked if h.id in memories]
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
    asked = query or "\n".join(messages[-_LAST_MESSAGES:])[-LONGEST_QUERY:]
    allowed = None if kinds is None else frozenset(kinds)
    with vault_scope(access.vault_id):
        opened = _open(access, _chosen(access, collections))
        standing = _standing(opened, allowed)
        found: list[Ranked] = []
        if asked.strip():
            others = Filter(kinds=allowed, exclude=frozenset(hit.id for hit in standing))
            ranked = _ranked(
                access, opened, asked, others, limit=_room(max_tokens), diversity=_DIVERSITY
            )
            found = _with_answers(opened, ranked)
        # Read the rows before a word goes out: one may have been forgotten a moment ago.
        memories = _memories(access, {hit.id for hit in (*standing, *found)})
        standing = [hit for hit in standing if hit.id in memories]
        found = [hit for hit in found if hit.id in memories]
        text, used, tokens = render(_notes(opened, standing), _notes(opened, found), max_tokens)
        hits = [Hit(memories[h.id], h.score, h.why) for h in (*standing, *found) if h.id in used]
        _log(access, "context", hits, purpose)
    return Context(text, tuple(hits), tokens)


def _room(max_tokens: int) -> int:
    """How many memories are worth looking for: hardly more fit into the budget."""
    return max(5, min(_CONTEXT_HITS, max_tokens // _TOKENS_OF_ONE))


def _chosen(access: Access, collections: Iterable[UUID] | None) -> frozenset[UUID]:
    return access.narrowed(None if collections is None else set(collections))


def _open(access: Access, chosen: frozenset[UUID]) -> list[sealed.Opened]:
    model = embedder()
    return sealed.open_collections(access, chosen, model=model.model, dim=model.dim)


def _ranked(
    access: Access,
    opened: Sequence[sealed.Opened],
    query: str,
    wanted: Filter,
    *,
    limit: int,
    prefix: bool = False,
    diversity: float = 0.0,
) -> list[Ranked]:
    return search_all(
        [one.index for one in opened],
        query[:LONGEST_QUERY],
        embedder(),
        now=timezone.now(),
        limit=limit,
        filter=wanted,
        tokens_of=lambda ids: sealed.tokens_of(access, opened, ids),
        prefix=prefix,
        diversity=diversity,
    )


def _memories(access: Access, ids: Collection[UUID]) -> dict[UUID, Memory]:
    if not ids:
        return {}
    rows = Row.objects.filter(
        vault_id=access.vault_id,
        id__in=ids,
        collection_id__in=access.visible,
        forgotten_at=None,
    ).exclude(sealed=b"")
    sources = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=ids)
    opened = records.views(access, rows, sources.order_by("seen_at", "id"))
    return {memory.id: memory for memory in opened}


def _standing(opened: Sequence[sealed.Opened], allowed: frozenset[str] | None) -> list[Ranked]:
    """What holds whatever is asked: who the owner is, and how they want to be answered."""
    kinds = frozenset(k for k in _STANDING if allowed is None or k in allowed)
    found = [document for one in opened for document in one.index.of_kinds(kinds)]
    newest = sorted(found, key=lambda d: (d.pinned, d.occurred_at or _LONG_AGO), reverse=True)
    return [Ranked(d.id, 1.0, (d.kind,)) for d in newest[:_STANDING_MOST]]


def _with_answers(opened: Sequence[sealed.Opened], ranked: Sequence[Ranked]) -> list[Ranked]:
    """Each turn of a conversation brings the turn after it, which answers or goes on."""
    after = {
        hit.id: following
        for hit in ranked[:_WITH_ANSWER]
        for one in opened
        if hit.id in one.index
        for following in one.index.neighbours(hit.id, before=0, after=1)
    }
    hits: dict[UUID, Ranked] = {}
    for hit in ranked:
        hits.setdefault(hit.id, hit)
        if hit.id in after:
            answer = Ranked(after[hit.id], hit.score, ("conversation",))
            hits.setdefault(answer.id, answer)
    return list(hits.values())


def _notes(opened: Sequence[sealed.Opened], ranked: Sequence[Ranked]) -> list[Document]:
    found = (one.index.get(hit.id) for hit in ranked for one in opened if hit.id in one.index)
    return [document for document in found if document is not None]


def _log(access: Access, action: str, hits: Sequence[Hit], purpose: str) -> None:
    if not access.is_owner:
        access_log.record(access, action, [hit.memory.id for hit in hits], purpose)
