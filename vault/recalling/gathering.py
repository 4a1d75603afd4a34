"""What goes into a context: what always stands, what was found, and the turns around that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from vault.search.documents import Document, Filter, Tense, aware
from vault.search.duplicates import Shown
from vault.search.index import CollectionIndex
from vault.search.rank import OTHERS
from vault.search.rank import Hit as Ranked
from vault.types import Memory

STANDING = ("profile", "instruction")
STANDING_MOST = 40
WITH_TURNS = 10
"""The best hits, which bring the turns of the conversation around them."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Note:
    """One memory for a context. What `leads_to` another only comes along where there is room."""

    document: Document
    score: float
    why: tuple[str, ...]
    tense: Tense = "present"
    leads_to: UUID | None = None
    index: CollectionIndex | None = field(default=None, repr=False, compare=False)


def standing(indexes: Sequence[CollectionIndex], allow: Filter, now: datetime) -> list[Note]:
    """What holds whatever is asked: who the owner is, and how they want to be answered."""
    kinds = frozenset(k for k in STANDING if allow.kinds is None or k in allow.kinds)
    there = [
        (document, index)
        for index in indexes
        for document in index.of_kinds(kinds)
        if document.tense(now) == "present" and _passes(document, allow)
    ]
    newest = sorted(there, key=lambda one: _rank(one[0]), reverse=True)[:STANDING_MOST]
    return [Note(document, 1.0, (document.kind,), index=index) for document, index in newest]


def found(ranked: Sequence[Ranked], now: datetime) -> list[Note]:
    """What was found, the best first: the best of it with the turn that follows in its
    conversation, which answers or goes on. Turns that lead to one come last."""
    notes: dict[UUID, Note] = {}
    leading: list[Note] = []
    for place, hit in enumerate(ranked):
        if not _worth_saying(hit.document, now):
            continue
        notes.setdefault(hit.id, _note(hit.document, hit, hit.why, now))
        if place < WITH_TURNS and hit.document.conversation:
            before, after = _turns(hit.index, hit.document)
            if after is not None:
                notes.setdefault(after.id, _note(after, hit, ("conversation",), now))
            if before is not None:
                leading.append(_note(before, hit, ("conversation",), now, hit.id))
    return [*notes.values(), *(note for note in leading if note.document.id not in notes)]


def worded(notes: Sequence[Note], memories: Mapping[UUID, Memory]) -> list[Note]:
    """The notes whose memories are there, with the words that those have now.

    Of the turns that lead to another only questions stay.
    """
    there = [
        _saying(note, memories[note.document.id].text)
        for note in notes
        if note.document.id in memories
    ]
    answers = {note.document.id: note.document for note in there if note.leads_to is None}
    return [
        note
        for note in there
        if note.leads_to is None or _asks(note.document, answers.get(note.leads_to))
    ]


def said_once(*parts: Sequence[Note]) -> list[list[Note]]:
    """The parts without what an earlier note says already."""
    shown = Shown()
    return [
        [note for note in part if shown.adds(note.document, partial(_vector, note))]
        for part in parts
    ]


def _rank(document: Document) -> tuple[bool, datetime]:
    return document.pinned, aware(document.occurred_at or _LONG_AGO)


def _saying(note: Note, text: str) -> Note:
    if note.document.text == text:
        return note
    return replace(note, document=replace(note.document, text=text))


def _passes(document: Document, allow: Filter) -> bool:
    return document.trust >= allow.least_trust and (allow.with_held or not document.held)


def _worth_saying(document: Document, now: datetime) -> bool:
    """An instruction that is not to be followed now would only be followed by mistake."""
    return document.kind != "instruction" or document.tense(now) == "present"


def _note(
    document: Document,
    hit: Ranked,
    why: tuple[str, ...],
    now: datetime,
    leads_to: UUID | None = None,
) -> Note:
    return Note(document, hit.score, why, document.tense(now), leads_to, hit.index)


def _turns(index: CollectionIndex, document: Document) -> tuple[Document | None, Document | None]:
    """The turn before it and the turn after it."""
    before = after = None
    for id in index.neighbours(document.id, before=1, after=1):
        turn = index.get(id)
        if turn is None:
            continue
        if (turn.position, turn.id) < (document.position, document.id):
            before = turn
        else:
            after = turn
    return before, after


def _asks(before: Document, answer: Document | None) -> bool:
    """Whether a turn is the question that the next one answers."""
    if answer is None:
        return False
    return before.role == "user" if answer.role in OTHERS else "?" in before.text


def _vector(note: Note) -> NDArray[np.float32] | None:
    return note.index.vector(note.document.id) if note.index else None
