"""Recall: searching memories, and assembling what a model should know within a token budget."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from vault import records
from vault.access import Access
from vault.browse import sources_of
from vault.log import access_log
from vault.recalling import gathering
from vault.recalling.opening import open_all, open_at
from vault.recalling.questions import Question, ask
from vault.recalling.render import render
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.documents import Filter, QueryText
from vault.search.index import CollectionIndex
from vault.search.lexical import cut, telling
from vault.search.lookup import in_order
from vault.search.matched import matched_words
from vault.search.pool import Asked
from vault.search.rank import Hit as Ranked
from vault.search.rank import search_each
from vault.types import WORDS_ONLY, Context, Hit, Hits, Memory
from vault.visible import Selection, packed_ids, selected_rows, visible_rows

LONGEST_QUERY = 4_000
_CONTEXT_HITS = 30
_TOKENS_OF_ONE = 40
_DIVERSITY = 0.3
_LAST_MESSAGES = 3
_CONFIRMED = 1.0


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
    among: Selection | None = None,
) -> Hits:
    """The best first; what is not true now is ranked lower. The owner finds what is held, too.

    `among`: only what fits it, words aside. NotFound for a collection out of sight. What a grantee
    finds is logged.
    """
    wanted = _filter(access, kinds, with_held=access.is_owner)
    wanted = replace(wanted, after=after, before=before)
    question = ask(access, _chosen(access, collections), query[:LONGEST_QUERY])
    with vault_scope(access.vault_id):
        opened = open_at(access, question.spaces)
        if among is not None:
            wanted = replace(wanted, only=in_order(packed_ids(selected_rows(access, among))))
        ranked = _ranked(access, opened, query, question, wanted, limit=limit, prefix=prefix)
        memories = _memories(access, [hit.id for hit in ranked])
        known = (WORDS_ONLY,) if question.degraded else ()
        hits = [Hit(memories[h.id], h.score, h.why + known) for h in ranked if h.id in memories]
        _log(access, "search", hits, purpose)
    marked = _marked(hits, query, prefix) if access.is_owner else hits
    return Hits(marked, degraded=question.degraded)


def holding(access: Access, words: str) -> set[UUID]:
    """Every visible memory that holds all of these words, whatever their endings; the last may be
    unfinished. What is meant by "all that match" where a search only shows the best."""
    asked = telling(cut(words))
    last = asked[-1] if asked and words[-1:].isalnum() else ""
    with vault_scope(access.vault_id):
        indexes = [one.index for one in open_all(access, access.visible)]
        sets = [_with_word(access, indexes, word, begun=word == last) for word in asked]
    return set.intersection(*sets) if sets else set()


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

    The text never takes more than `max_tokens`. What is held is left out, and what is no longer
    true is only told as past. What a grantee is given is logged. `degraded`: it was looked for by
    words only, since the server that embeds questions did not answer.
    """
    asked = query or "\n".join(messages[-_LAST_MESSAGES:])[-LONGEST_QUERY:]
    allowed, now = _filter(access, kinds, with_held=False), timezone.now()
    question = ask(access, _chosen(access, collections), asked[:LONGEST_QUERY])
    with vault_scope(access.vault_id):
        opened = open_at(access, question.spaces)
        indexes = [one.index for one in opened]
        standing, found = gathering.standing(indexes, allowed, now), list[gathering.Note]()
        if asked.strip():
            others = replace(allowed, exclude=frozenset(note.document.id for note in standing))
            room = _room(max_tokens)
            ranked = _ranked(
                access, opened, asked, question, others, limit=room, diversity=_DIVERSITY
            )
            found = gathering.found(ranked, now)
        # Read the rows before a word goes out: one may have been forgotten a moment ago.
        memories = _memories(access, [note.document.id for note in (*standing, *found)], held=False)
        standing, found = gathering.said_once(
            *(gathering.worded(notes, memories) for notes in (standing, found))
        )
        text, used, tokens = render(standing, found, max_tokens)
        given = [note for note in (*standing, *found) if note.document.id in used]
        hits = [Hit(memories[note.document.id], note.score, note.why) for note in given]
        _log(access, "context", hits, purpose)
    return Context(text, tuple(hits), tokens, question.degraded)


def _filter(access: Access, kinds: Iterable[str] | None, *, with_held: bool) -> Filter:
    return Filter(
        kinds=None if kinds is None else frozenset(kinds),
        least_trust=_CONFIRMED if access.confirmed_only else 0.0,
        with_held=with_held,
    )


def _room(max_tokens: int) -> int:
    """How many memories are worth looking for: hardly more fit into the budget."""
    return max(5, min(_CONTEXT_HITS, max_tokens // _TOKENS_OF_ONE))


def _chosen(access: Access, collections: Iterable[UUID] | None) -> frozenset[UUID]:
    return access.narrowed(None if collections is None else set(collections))


def _ranked(
    access: Access,
    opened: Sequence[sealed.Opened],
    query: str,
    question: Question,
    wanted: Filter,
    *,
    limit: int,
    prefix: bool = False,
    diversity: float = 0.0,
) -> list[Ranked]:
    unlike = {space.model: space.unlike for space in question.spaces.values()}
    return search_each(
        [
            Asked(one.index, question.by_model.get(one.model), one.model, unlike[one.model])
            for one in opened
        ],
        query[:LONGEST_QUERY],
        now=timezone.now(),
        limit=limit,
        filter=wanted,
        tokens_of=lambda ids: sealed.tokens_of(access, opened, ids),
        prefix=prefix,
        diversity=diversity,
    )


def _memories(access: Access, ids: Collection[UUID], *, held: bool = True) -> dict[UUID, Memory]:
    """Those of them that are there for this asker at this moment; `held` False: and not held."""
    if not ids:
        return {}
    rows = visible_rows(access).filter(id__in=list(ids), forgotten_at=None)
    found = list(rows if held else rows.filter(held=""))
    sources = sources_of(access, [row.id for row in found])
    return {memory.id: memory for memory in records.views(access, found, sources)}


def _marked(hits: Sequence[Hit], query: str, prefix: bool) -> list[Hit]:
    words = matched_words(query, [hit.memory.text for hit in hits], prefix=prefix)
    return [replace(hit, matched=tuple(mine)) for hit, mine in zip(hits, words, strict=True)]


def _with_word(
    access: Access, indexes: Sequence[CollectionIndex], word: str, *, begun: bool
) -> set[UUID]:
    def found(prefix: bool) -> set[UUID]:
        question = QueryText(word, prefix=prefix)
        hits = (index.search(question, limit=len(index)) for index in indexes)
        return {candidate.document.id for some in hits for candidate in some}

    ids = found(prefix=False)
    if begun:  # search shortens an unfinished word until something matches: that may not be meant
        begins = re.compile(r"(?<!\w)" + re.escape(word), re.IGNORECASE)
        for row in visible_rows(access).filter(id__in=found(prefix=True) - ids):
            content = records.open_content(access.keyring, row)
            if begins.search(content.text) or begins.search(content.speaker):
                ids.add(row.id)
    return ids


def _log(access: Access, action: str, hits: Sequence[Hit], purpose: str) -> None:
    if access.is_logged:
        access_log.record(access, action, [hit.memory.id for hit in hits], purpose)
