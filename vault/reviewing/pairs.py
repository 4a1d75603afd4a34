"""Memories that may be one, and memories that cannot both hold: found, listed, put aside.

What the owner then says about a pair is in `settling`.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault import records
from vault.access import Access
from vault.browse import sources_of
from vault.errors import NotFound, Stale, Tampered
from vault.ids import new_id
from vault.integrity import unreadable
from vault.models import Pair as Row
from vault.models import Source
from vault.recalling.opening import open_all
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.compare import Verdict
from vault.search.documents import Candidate, Document, Filter, QueryText
from vault.search.embed import Embedding
from vault.search.lexical import cut
from vault.search.likeness import Told, weigh
from vault.types import KINDS, Memory
from vault.visible import visible_rows

logger = logging.getLogger(__name__)

NEAREST = 12
"""So many memories by words and as many by meaning, of each collection, are compared with one."""
MOST = 3
"""Pairs that one memory is asked about at a time: the nearest."""
PORTION = 64
COMPARED = frozenset(KINDS) - {"episode", "document"}
HAPPENINGS = frozenset({"event"})
_WORDS = 6  # of a memory, by which others are looked for: the long ones are the rare ones
Why = Literal["pinned", "confirmed", "sources", "newer", "longer"]
Kind = Literal["duplicate", "disagreement"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two memories, opened, the older first. `keep` is the one to keep of a duplicate, or the one
    that probably holds now; `why` says what speaks for it."""

    id: UUID
    kind: Kind
    first: Memory
    second: Memory
    keep: UUID
    why: Why
    found_at: datetime

    def other(self, memory_id: UUID) -> Memory:
        """The memory that is not this one. NotFound when it is none of the two."""
        for one, other in ((self.first, self.second), (self.second, self.first)):
            if one.id == memory_id:
                return other
        raise NotFound(gettext("This memory is not one of the two."))


@dataclass(frozen=True, slots=True)
class PairPage:
    """Some pairs, the oldest first. `cursor` continues; None at the end. `total` counts all."""

    pairs: tuple[Pair, ...]
    cursor: UUID | None
    total: int


def find(access: Access, memory_ids: Collection[UUID]) -> int:
    """Compare these with what else the asker may see; how many new pairs wait now.

    An open pair of theirs that no longer is one, since a memory was changed, goes. A pair that was
    dismissed or settled stays so. Not within a transaction that wrote: what is opened for searching
    stays open, also when the writing is rolled back. See `find_later`.
    """
    if not memory_ids:
        return 0
    with vault_scope(access.vault_id):
        found = _found(access, memory_ids)
        mine = Row.objects.filter(vault_id=access.vault_id)
        touched = mine.filter(Q(first_id__in=memory_ids) | Q(second_id__in=memory_ids))
        known = {(row.first_id, row.second_id): row for row in touched}
        over = [r.id for k, r in known.items() if r.state == "open" and found.get(k) != r.kind]
        mine.filter(id__in=over).delete()
        kept = {key for key, row in known.items() if row.id not in over}
        fresh = [_new(access, *key, verdict) for key, verdict in found.items() if key not in kept]
        Row.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def find_later(access: Access, memory_ids: Collection[UUID]) -> None:
    """`find` once this transaction is committed; at once outside of one. What cannot be compared
    now, since a key was changed just then, is compared when it or the other changes."""
    transaction.on_commit(lambda: _find_if_it_opens(access, memory_ids), robust=True)


def _find_if_it_opens(access: Access, memory_ids: Collection[UUID]) -> None:
    try:
        find(access, memory_ids)
    except (Stale, Tampered) as error:  # the next search says what was altered
        logger.warning("New memories were not compared: %s", type(error).__name__)


def find_next(
    access: Access, import_id: UUID, after: UUID | None, limit: int = PORTION
) -> tuple[UUID | None, int]:
    """`find` for the next memories that an import brought, in the order of their ids.

    (the last id looked at, how many pairs are new); None for the id when there are no more.
    """
    with vault_scope(access.vault_id):
        brought = Source.objects.filter(vault_id=access.vault_id, import_id=import_id)
        rows = visible_rows(access).filter(forgotten_at=None, kind__in=COMPARED)
        rows = rows.filter(Exists(brought.filter(memory_id=OuterRef("id"))))
        rows = rows.filter(id__gt=after) if after else rows
        ids = list(rows.order_by("id").values_list("id", flat=True)[:limit])
    return (ids[-1] if ids else None), find(access, ids)


def listing(
    access: Access, *, kind: Kind | None = None, limit: int = 20, cursor: UUID | None = None
) -> PairPage:
    """What waits for the owner's word; of one that was altered, that it is there."""
    access.must_own()
    limit = max(1, min(limit, 100))
    with vault_scope(access.vault_id):
        rows = waiting(access, kind)
        total = rows.count()
        rows = rows.filter(id__gt=cursor) if cursor else rows
        found = list(rows[: limit + 1])
        opened = _opened(access, found[:limit], altered=True)
    return PairPage(tuple(opened), found[limit - 1].id if len(found) > limit else None, total)


def get(access: Access, pair_id: UUID) -> Pair:
    """NotFound when it does not wait any more, Tampered when one of the two was altered."""
    access.must_own()
    with vault_scope(access.vault_id):
        found = _opened(access, list(waiting(access, None).filter(id=pair_id)))
    if not found:
        raise NotFound(gettext("This pair is no longer waiting."))
    return found[0]


def both(access: Access, pair_id: UUID) -> tuple[UUID, UUID]:
    """The two memories of one that waits, unopened. NotFound when it does not wait any more."""
    access.must_own()
    with vault_scope(access.vault_id):
        found = waiting(access, None).filter(id=pair_id).values_list("first_id", "second_id")
        if (ids := found.first()) is None:
            raise NotFound(gettext("This pair is no longer waiting."))
    return ids


def about(access: Access, memory_id: UUID, kind: Kind) -> list[Pair]:
    """Open pairs that this memory is one of, the oldest first; none with one that was altered."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Q(first_id=memory_id) | Q(second_id=memory_id)
        found = _opened(access, list(waiting(access, kind).filter(mine)[:MOST]), altered=True)
    return [one for one in found if not (one.first.altered or one.second.altered)]


def waiting(access: Access, kind: Kind | None) -> QuerySet[Row]:
    """Open pairs of which both memories are there to be looked at. Within a scope."""
    rows = Row.objects.filter(vault_id=access.vault_id, state=Row.State.OPEN)
    if kind is not None:
        rows = rows.filter(kind=kind)
    here = visible_rows(access).filter(forgotten_at=None, held="")
    first, second = here.filter(id=OuterRef("first_id")), here.filter(id=OuterRef("second_id"))
    return rows.filter(Exists(first), Exists(second)).order_by("id")


def suggested(one: Memory, other: Memory) -> tuple[UUID, Why]:
    """Which of two that say the same to keep, and why."""
    tests: Sequence[tuple[Why, float, float]] = (
        ("pinned", one.pinned, other.pinned),
        ("confirmed", one.trusted, other.trusted),
        ("sources", len(one.sources), len(other.sources)),
        ("newer", one.when.timestamp(), other.when.timestamp()),
    )
    for why, mine, theirs in tests:
        if mine != theirs:
            return (one if mine > theirs else other).id, why
    return (one if len(one.text) >= len(other.text) else other).id, "longer"


def _new(access: Access, first: UUID, second: UUID, verdict: Verdict) -> Row:
    return Row(
        vault_id=access.vault_id,
        id=new_id(),
        first_id=first,
        second_id=second,
        kind=verdict,
        found_at=timezone.now(),
    )


def _opened(access: Access, rows: Sequence[Row], *, altered: bool = False) -> list[Pair]:
    views = unreadable.views if altered else records.views
    ids = {id for row in rows for id in (row.first_id, row.second_id)}
    there = list(visible_rows(access).filter(id__in=ids))
    memories = {m.id: m for m in views(access, there, sources_of(access, ids))}
    return [_pair(row, memories[row.first_id], memories[row.second_id]) for row in rows]


def _pair(row: Row, one: Memory, other: Memory) -> Pair:
    first, second = sorted((one, other), key=lambda m: (m.when, m.id))
    keep, why = suggested(first, second)
    if row.kind == Row.Kind.DISAGREEMENT:
        keep, why = second.id, "newer"
    return Pair(row.id, cast(Kind, row.kind), first, second, keep, why, row.found_at)


def _found(access: Access, memory_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Verdict]:
    """The verdicts on these memories, by the two ids, the smaller one first."""
    opened = open_all(access, access.visible)
    said: dict[UUID, Told] = {}
    found: dict[tuple[UUID, UUID], Verdict] = {}
    for memory_id in memory_ids:
        home = next((one for one in opened if memory_id in one.index), None)
        document = home.index.get(memory_id) if home else None
        if home is None or document is None or not _comparable(document):
            continue
        near = _near(opened, home, document)
        verdicts = ((other.id, _verdict(document, other, said)) for other in near)
        worth = [(other, verdict) for other, verdict in verdicts if verdict]
        found |= {_key(memory_id, other): verdict for other, verdict in worth[:MOST]}
    return found


def _key(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _near(
    opened: Sequence[sealed.Opened], home: sealed.Opened, document: Document
) -> list[Document]:
    """What could say the same or the opposite, the nearest first.

    A vector is only near to vectors of the same model; elsewhere the words have to do.
    """
    vector = home.index.vector(document.id)
    embedding = None if vector is None else Embedding(vector[None].astype(np.float16))
    allow = Filter(kinds=COMPARED, exclude=frozenset({document.id}))
    words = " ".join(sorted(set(cut(document.text)), key=len, reverse=True)[:_WORDS])
    found: list[Candidate] = []
    for one in opened:
        mine = embedding if one.model == home.model else None
        query = QueryText(words, mine)
        found += one.index.search(query, limit=NEAREST, allow=allow)
    found.sort(key=lambda c: (c.meaning or 0.0, c.words), reverse=True)
    return [candidate.document for candidate in found if _comparable(candidate.document)]


def _comparable(document: Document) -> bool:
    now = timezone.now()
    return document.kind in COMPARED and not document.held and document.tense(now) != "past"


def _verdict(one: Document, other: Document, said: dict[UUID, Told]) -> Verdict | None:
    if one.speaker and other.speaker and one.speaker.casefold() != other.speaker.casefold():
        return None
    if {one.kind, other.kind} & HAPPENINGS and _day(one) != _day(other):
        return None  # the same on another day is another time
    for document in (one, other):
        if document.id not in said:
            said[document.id] = Told.of(document.text)
    return weigh(said[one.id], said[other.id])


def _day(document: Document) -> object:
    return document.occurred_at.date() if document.occurred_at else None
