"""What the review page shows of one thing that waits: where it is from, what it would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from frontend.presenters.excerpts import Change, changes
from vault import memories, talks
from vault.access import Access
from vault.errors import NotFound, Tampered
from vault.reviewing import distilled, pairs, quarantine, suggestions
from vault.reviewing.pairs import Pair
from vault.reviewing.quarantine import Held
from vault.reviewing.review import Item
from vault.text import clean
from vault.types import Memory, Suggestion


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """A suggestion with the memory it is about; `gone` when that is no longer there."""

    suggestion: Suggestion
    memory: Memory | None
    changes: list[Change]
    gone: bool
    template: str = "pages/review_suggestion.html"
    quotes: Sequence[Memory] = ()
    """Of one that a model distilled: the turns that it came from, as far as they are there."""
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A memory that is held. `others`: how many more of its source wait only because it is new."""

    held: Held
    others: int
    template: str = "pages/review_held.html"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two memories, its words cut into what both say and what only this one says."""

    memory: Memory
    words: list[Change]
    key: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class PairCard:
    """Two memories side by side, the older one left."""

    pair: Pair
    sides: tuple[Side, Side]
    template: str = "pages/review_pair.html"

    @property
    def kept(self) -> Memory:
        """The one that is suggested to stay."""
        return next(side.memory for side in self.sides if side.suggested)


@dataclass(frozen=True, slots=True)
class UnreadableCard:
    """One that cannot be shown, and its memories that were altered."""

    item: Item
    memories: Sequence[UUID]
    template: str = "pages/review_unreadable.html"


Card = SuggestionCard | HeldCard | PairCard | UnreadableCard


def card_of(access: Access, item: Item) -> Card:
    """NotFound when it does not wait any more."""
    try:
        return _card(access, item)
    except Tampered:
        return UnreadableCard(item, [id for id in _about(access, item) if _altered(access, id)])


def _card(access: Access, item: Item) -> Card:
    match item.kind:
        case "suggestion":
            return _suggestion(access, item.id)
        case "held":
            return _held(access, item.id)
        case _:
            return _pair(pairs.get(access, item.id))


def _about(access: Access, item: Item) -> Sequence[UUID]:
    """The memories that it is about."""
    match item.kind:
        case "suggestion":
            one = _waiting(access, item.id)
            return [*([one.memory_id] if one.memory_id else []), *_lines(one)]
        case "held":
            return [item.id]
        case _:
            return pairs.both(access, item.id)


def _lines(one: Suggestion) -> Sequence[UUID]:
    return one.evidence.lines if one.evidence else ()


def _altered(access: Access, memory_id: UUID) -> bool:
    try:
        memories.get(access, memory_id)
    except NotFound:
        return False
    except Tampered:
        return True
    return False


def _waiting(access: Access, suggestion_id: UUID) -> Suggestion:
    one = next((s for s in suggestions.listing(access) if s.id == suggestion_id), None)
    if one is None:
        raise NotFound("This suggestion is no longer waiting.")
    return one


def _suggestion(access: Access, suggestion_id: UUID) -> SuggestionCard:
    one = _waiting(access, suggestion_id)
    if one.evidence is not None:
        quotes, warnings = talks.cited(access, one.evidence.lines), distilled.warnings(one)
        return SuggestionCard(one, None, [], gone=False, quotes=quotes, warnings=warnings)
    if one.memory_id is None:
        return SuggestionCard(one, None, [], gone=False)
    try:
        memory = memories.get(access, one.memory_id)
    except NotFound:
        return SuggestionCard(one, None, [], gone=True)
    diff = _asked(memory, one) if one.action == "revise" else []
    return SuggestionCard(one, memory, diff, gone=memory.forgotten_at is not None)


def _asked(memory: Memory, one: Suggestion) -> list[Change]:
    """What would become of its words; none of them go where only the title would change."""
    return changes(clean(memory.text), clean(one.text or memory.text))


def _held(access: Access, memory_id: UUID) -> HeldCard:
    found = quarantine.listing(access, ids=[memory_id])
    if not found:
        raise NotFound("This memory is no longer held.")
    (held,) = found
    new = quarantine.new_of(access, held.grant_id) if held.new and held.grant_id else []
    return HeldCard(held, others=max(0, len(new) - 1))


def _pair(pair: Pair) -> PairCard:
    diff = changes(clean(pair.first.text), clean(pair.second.text))
    sides = (
        Side(memory, [c for c in diff if c.what in ("same", own)], key, memory.id == pair.keep)
        for memory, own, key in ((pair.first, "gone", "1"), (pair.second, "new", "2"))
    )
    left, right = sides
    return PairCard(pair, (left, right))
