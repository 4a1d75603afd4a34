"""What goes into a search index and what is asked of it: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from uuid import UUID

    from vault.search.embed import Embedding
    from vault.search.lookup import InOrder

Tense = Literal["past", "present", "future"]
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """One memory as search sees it.

    `text` is the memory's own words; date and speaker are added by `indexed_text`.
    `role` is "user", "assistant", "tool", "system" or "". `conversation` is "" for a memory that
    stands alone; `position` orders a conversation. `trust` is 0..1, where 1 means that the owner
    wrote or confirmed it. `held` waits for the owner's word. It was true from `valid_from` until
    before `valid_until`; None is without end. `arrived` is the change of the vault with which it
    came into its collection. `embedding` is None until the text is embedded: found
    by words only.
    """

    id: UUID
    text: str
    kind: str = "fact"
    role: str = ""
    speaker: str = ""
    occurred_at: datetime | None = None
    conversation: str = ""
    position: int = 0
    pinned: bool = False
    trust: float = 1.0
    revision: int = 1
    held: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    arrived: int = 0
    embedding: Embedding | None = None

    def tense(self, now: datetime) -> Tense:
        """Whether it is true now, no longer or not yet."""
        if self.valid_until is not None and aware(self.valid_until) <= aware(now):
            return "past"
        if self.valid_from is not None and aware(self.valid_from) > aware(now):
            return "future"
        return "present"

    def light(self) -> Document:
        """The same without its vectors: what an index keeps and gives back."""
        if self.embedding is None:
            return self
        # in full, because `dataclasses.replace` takes three times as long and this is done 100,000
        # times while a large collection opens
        return Document(
            *(self.id, self.text, self.kind, self.role, self.speaker, self.occurred_at),
            *(self.conversation, self.position, self.pinned, self.trust, self.revision),
            *(self.held, self.valid_from, self.valid_until, self.arrived),
        )


def aware(when: datetime) -> datetime:
    """A time without a zone is taken as UTC."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def indexed_text(document: Document) -> str:
    """The text to index and to embed: who and when belong to the words (`[8 May 2023] Ann: ...`).

    Measured on long conversations, this alone lifts recall by meaning from 30 to 50 of 100.
    """
    when = document.occurred_at
    date = f"[{when.day} {MONTHS[when.month - 1]} {when.year}] " if when else ""
    speaker = f"{document.speaker}: " if document.speaker else ""
    return f"{date}{speaker}{document.text}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be found. None means any; an empty set allows nothing.

    `after` is inclusive, `before` exclusive; a document without a time passes neither. What is held
    passes only `with_held`. `only`: all that may be found.
    """

    kinds: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    after: datetime | None = None
    before: datetime | None = None
    exclude: frozenset[UUID] = frozenset()
    least_trust: float = 0.0
    with_held: bool = True
    only: InOrder | None = None


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class QueryText:
    """A question: its words, and its vectors if it could be embedded.

    `prefix` takes the last word as unfinished (search as you type).
    """

    text: str
    embedding: Embedding | None = None
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may answer: its BM25 score (0 = no word matched) and its exact cosine.

    `meaning` is None when the document or the query has no embedding.
    """

    document: Document
    words: float
    meaning: float | None
