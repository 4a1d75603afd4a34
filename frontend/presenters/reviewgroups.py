"""What waits in review, in groups that can be decided on together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from vault.access import Access
from vault.reviewing import pairs, quarantine, suggestions
from vault.reviewing.quarantine import Held
from vault.reviewing.review import Item, Kind, Waiting
from vault.types import Memory, Suggestion

SHOWN = 3
WORDS = "words"
"""Names the group of what is held for what it says; the others are named by their grant."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two memories, and which of them would stay, or holds."""

    both: tuple[Memory, Memory]
    keep: UUID


@dataclass(frozen=True, slots=True)
class SuggestionGroup:
    """What one app, or distilling, suggests. `plain` can be accepted together: it adds or changes
    something, and gives no orders; the `others` are looked at one by one."""

    grant_id: UUID
    name: str
    all: Sequence[Suggestion]
    plain: Sequence[Suggestion]
    distilled: bool
    kind: Kind = "suggestion"
    template: str = "pages/review_group_suggestions.html"

    @property
    def shown(self) -> Sequence[Suggestion]:
        return self.all[:SHOWN]

    @property
    def others(self) -> int:
        return len(self.all) - len(self.plain)


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """What is held of one app because it is new; or, without a grant, all that is held for what it
    says, whoever brought it."""

    grant_id: UUID | None
    name: str
    memories: Sequence[Memory]
    kind: Kind = "held"
    template: str = "pages/review_group_held.html"

    @property
    def shown(self) -> Sequence[Memory]:
        return self.memories[:SHOWN]


@dataclass(frozen=True, slots=True)
class PairGroup:
    """All likely duplicates, or all disagreements: `shown` are a few of `count`."""

    kind: Kind
    count: int
    shown: Sequence[PairLine]
    template: str = "pages/review_group_pairs.html"


Group = SuggestionGroup | HeldGroup | PairGroup


def groups(access: Access, waiting: Waiting) -> list[Group]:
    """In the order of the review page."""
    found: list[Group] = []
    if waiting.suggestion:
        found += suggested(access)
    if waiting.held:
        found += _held(quarantine.listing(access, altered=True))
    if waiting.disagreement:
        found.append(_pairs(access, "disagreement"))
    if waiting.duplicate:
        found.append(_pairs(access, "duplicate"))
    return found


def suggested(access: Access) -> list[SuggestionGroup]:
    """By app, in the order of their oldest suggestion."""
    by_grant: dict[UUID, list[Suggestion]] = defaultdict(list)
    for one in suggestions.listing(access):
        by_grant[one.grant_id].append(one)
    return [_suggested(all) for all in by_grant.values()]


def queue(access: Access, kind: Kind | None, of: str) -> list[Item]:
    """What waits of one app, the oldest first; or, for `WORDS`, what is held for what it says."""
    if kind == "suggestion":
        found = suggestions.listing(access)
        return [Item("suggestion", one.id) for one in found if str(one.grant_id) == of]
    held = quarantine.listing(access, altered=True) if kind == "held" else []
    fits = (one for one in held if (not one.new if of == WORDS else str(one.grant_id) == of))
    return [Item("held", one.memory.id) for one in fits]


def held_ids(access: Access, grant_id: UUID | None) -> list[UUID]:
    """What a group of held memories is about: at most the first hundred."""
    found = _held(quarantine.listing(access, altered=True))
    group = next((one for one in found if one.grant_id == grant_id), None)
    return [memory.id for memory in group.memories] if group else []


def _pairs(access: Access, kind: pairs.Kind) -> PairGroup:
    listed = pairs.listing(access, kind=kind, limit=SHOWN)
    lines = [PairLine((pair.first, pair.second), pair.keep) for pair in listed.pairs]
    return PairGroup(kind, listed.total, lines)


def _suggested(all: Sequence[Suggestion]) -> SuggestionGroup:
    first = all[0]
    plain = [one for one in all if _plain(one)]
    evident = first.evidence is not None
    return SuggestionGroup(first.grant_id, first.grant_name, all, plain, distilled=evident)


def _plain(one: Suggestion) -> bool:
    return one.action != "forget" and not quarantine.warnings(one.text, one.kind)


def _held(listed: Iterable[Held]) -> list[HeldGroup]:
    by_grant: dict[UUID | None, list[Held]] = defaultdict(list)
    for one in listed:
        by_grant[one.grant_id if one.new else None].append(one)
    made = [
        HeldGroup(grant_id, ones[0].grant_name if grant_id else "", [one.memory for one in ones])
        for grant_id, ones in by_grant.items()
    ]
    return sorted(made, key=lambda group: group.grant_id is None)
