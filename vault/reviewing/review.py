"""Everything that waits for the owner's word, in one queue; and taking back a word on a suggestion.

What is held is decided in `quarantine`, what is said about a pair in `settling`.
"""

import base64
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from vault import memories
from vault.access import Access
from vault.errors import NotFound, Refused
from vault.keys.epochs import must_still_open
from vault.models import Suggestion as SuggestionRow
from vault.reviewing import pairs, quarantine, suggestions
from vault.scope import vault_scope
from vault.types import Memory

Kind = Literal["suggestion", "held", "disagreement", "duplicate"]
KINDS: tuple[Kind, ...] = ("suggestion", "held", "disagreement", "duplicate")
"""In the order in which they are shown: somebody waits for the first two."""
LONGEST_QUEUE = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, of each kind."""

    suggestion: int
    held: int
    disagreement: int
    duplicate: int

    @property
    def total(self) -> int:
        return self.suggestion + self.held + self.disagreement + self.duplicate

    def of(self, kind: Kind | None) -> int:
        """Of one kind, or of all."""
        return self.total if kind is None else int(getattr(self, kind))


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: the suggestion's, the memory's or the pair's id."""

    kind: Kind
    id: UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """A suggestion that was decided on, as it was posted: still sealed. As JSON in `to_json`."""

    id: UUID
    collection_id: UUID
    grant_id: UUID
    action: str
    memory_id: UUID | None
    epoch: int
    letter: bytes
    suggested_at: str
    done: UUID | None = None
    """The memory that accepting it wrote or changed, if undoing has to touch it."""
    revision: int = 0

    def to_json(self) -> dict[str, Any]:
        fields = asdict(self) | {"letter": base64.b64encode(self.letter).decode()}
        return {k: v.hex if isinstance(v, UUID) else v for k, v in fields.items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Letter":
        ids = ("id", "collection_id", "grant_id", "memory_id", "done")
        fields: dict[str, Any] = {k: UUID(v) if k in ids and v else v for k, v in data.items()}
        return cls(**fields | {"letter": base64.b64decode(data["letter"])})


def counts(access: Access) -> Waiting:
    """Owner only."""
    access.must_own()
    with vault_scope(access.vault_id):
        open_pairs = pairs.waiting(access, None).order_by().values("kind").annotate(n=Count("id"))
        by_kind = {row["kind"]: row["n"] for row in open_pairs}
        return Waiting(
            suggestion=suggestions.count(access),
            held=quarantine.waiting(access).count(),
            disagreement=by_kind.get("disagreement", 0),
            duplicate=by_kind.get("duplicate", 0),
        )


def queue(access: Access, kind: Kind | None = None) -> list[Item]:
    """What waits, of one kind or of all, in the order to look at it; at most the first 1,000."""
    access.must_own()
    found: list[Item] = []
    with vault_scope(access.vault_id):
        for one in KINDS if kind is None else (kind,):
            found += [Item(one, id) for id in _ids(access, one)]
    return found[:LONGEST_QUEUE]


def accept(
    access: Access, suggestion_id: UUID, *, text: str | None = None
) -> tuple[Memory, Letter]:
    """Do what it suggests, with other words if `text` is given. With the letter, `take_back` undoes
    that."""
    with vault_scope(access.vault_id):
        letter = _letter(access, suggestion_id)
        before = _state(access, letter["memory_id"])
        began = timezone.now()
        memory = suggestions.accept(access, suggestion_id, text=text)
    new = memory.created_at >= began  # words that were there already only got another source
    changed = new if letter["action"] == "remember" else before != _state(access, memory.id)
    letter |= {"done": memory.id if changed else None, "revision": memory.revision}
    return memory, Letter(**letter)


def decline(access: Access, suggestion_id: UUID) -> Letter:
    """Not this. With the letter, `take_back` lets it wait again."""
    with vault_scope(access.vault_id):
        letter = _letter(access, suggestion_id)
        suggestions.decline(access, suggestion_id)
    return Letter(**letter)


def take_back(access: Access, letter: Letter) -> None:
    """Undo what accepting did, and let the suggestion wait again.

    Refused when the memory was changed since: its history has what it said. Stale when the key that
    the letter is sealed under is gone.
    """
    access.must_own()
    access.narrowed({letter.collection_id})
    with vault_scope(access.vault_id):
        must_still_open(access.vault_id, letter.collection_id, letter.epoch)
        if letter.done is not None:
            _undone(access, letter, letter.done)
        fields = asdict(letter)
        SuggestionRow.objects.get_or_create(
            vault_id=access.vault_id,
            id=fields.pop("id"),
            defaults={k: v for k, v in fields.items() if k not in ("done", "revision")},
        )


def _ids(access: Access, kind: Kind) -> list[UUID]:
    if kind == "suggestion":
        return [one.id for one in suggestions.listing(access)]
    if kind == "held":
        return list(quarantine.waiting(access).values_list("id", flat=True)[:LONGEST_QUEUE])
    return list(pairs.waiting(access, kind).values_list("id", flat=True)[:LONGEST_QUEUE])


def _letter(access: Access, suggestion_id: UUID) -> dict[str, Any]:
    access.must_own()
    rows = SuggestionRow.objects.filter(vault_id=access.vault_id, id=suggestion_id)
    names = ("id", "collection_id", "grant_id", "action", "memory_id", "epoch", "letter")
    row = rows.filter(collection_id__in=access.visible).first()
    if row is None:
        raise NotFound(gettext("This suggestion is no longer waiting."))
    fields = {name: getattr(row, name) for name in names}
    return fields | {"letter": bytes(row.letter), "suggested_at": row.suggested_at.isoformat()}


def _state(access: Access, memory_id: UUID | None) -> object:
    """What accepting a suggestion could change of a memory."""
    if memory_id is None:
        return None
    memory = memories.get(access, memory_id)
    return memory.revision, memory.forgotten_at


def _undone(access: Access, letter: Letter, memory_id: UUID) -> None:
    if letter.action == "forget":
        memories.restore(access, memory_id)
        return
    memory = memories.get(access, memory_id)
    if memory.revision != letter.revision:
        raise Refused(
            gettext("This memory was changed since. Its history has what it said before.")
        )
    if letter.action == "remember":
        memories.forget(access, memory_id)
        return
    earlier = memories.history(access, memory_id)
    if earlier:
        was = earlier[0]
        memories.revise(access, memory_id, text=was.text, kind=was.kind, title=was.title)
