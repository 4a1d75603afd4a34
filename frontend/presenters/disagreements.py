"""What speaks against a memory: a vendor's other version of it, an app's, another memory's.

Each with both versions cut into what they share and what only one says, who said it and when, and
where the one that is kept will be written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext

from frontend.presenters.excerpts import Change, changes
from frontend.words.sources import look_of
from sync.connections import connections
from sync.connections.connections import Connection
from sync.engine import conflicts
from vault import memories
from vault.access import Access
from vault.reviewing import pairs, suggestions
from vault.reviewing.pairs import Pair
from vault.text import clean
from vault.types import Memory, Suggestion

Kind = Literal["vendors", "app", "memories"]
_OVER = ("gone", "retracting")


@dataclass(frozen=True, slots=True)
class Version:
    """What one side says. `do` is what a form sends to keep it; `memory_id` is of another memory
    that says it, None for the one that is looked at and for what waits."""

    source: str
    who: str
    when: datetime
    words: list[Change]
    newer: bool
    do: str
    key: str
    memory_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A connection, and why the version that is kept is not written there; "" when it is."""

    connection: Connection
    source: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`id` is of the suggestion, or of the pair of memories."""

    id: UUID
    kind: Kind
    versions: tuple[Version, Version]
    written: list[Written]


def disagreements(access: Access, memory: Memory) -> list[Disagreement]:
    """What waits for the owner's word about this memory; none of one that is forgotten."""
    if memory.forgotten_at is not None:
        return []
    waiting = suggestions.about(access, memory.id)
    opposed = pairs.about(access, memory.id, "disagreement")
    if not waiting and not opposed:
        return []
    asked_by, there = conflicts.of_memory(access, memory.id), connections.listing(access)
    written = [_written(one, memory) for one in there if one.state not in _OVER]
    slugs = {one.id: one.connector for one in there}
    found = [_of_letter(access, memory, one, asked_by, slugs, written) for one in waiting]
    return [*found, *(_of_pair(access, memory, pair, written) for pair in opposed)]


def _of_letter(
    access: Access,
    memory: Memory,
    one: Suggestion,
    asked_by: dict[UUID, UUID],
    slugs: dict[UUID, str],
    written: list[Written],
) -> Disagreement:
    connection = asked_by.get(one.id)
    source = slugs.get(connection, "other").partition("-")[0] if connection else "app"
    diff = changes(clean(memory.text), clean(one.text or memory.text))
    newer = one.suggested_at > memory.updated_at
    ours = _ours(access, memory, diff, newer=not newer)
    theirs = Version(
        source, clean(one.grant_name), one.suggested_at, _only(diff, "new"), newer, "theirs", "2"
    )
    return Disagreement(one.id, "vendors" if connection else "app", (ours, theirs), written)


def _of_pair(access: Access, memory: Memory, pair: Pair, written: list[Written]) -> Disagreement:
    other = pair.other(memory.id)
    diff = changes(clean(memory.text), clean(other.text))
    newer = pair.second.id == other.id
    source = other.sources[0].vendor if other.sources else "you"
    ours = _ours(access, memory, diff, newer=not newer)
    theirs = Version(
        source,
        str(look_of(source).name),
        other.when,
        _only(diff, "new"),
        newer,
        "theirs",
        "2",
        other.id,
    )
    return Disagreement(pair.id, "memories", (ours, theirs), written)


def _ours(access: Access, memory: Memory, diff: Sequence[Change], *, newer: bool) -> Version:
    """What the vault holds, by whoever changed it last."""
    source = memory.sources[0].vendor if memory.sources else "you"
    who, when = str(look_of(source).name), memory.when
    if memory.revision > 1 and (earlier := memories.history(access, memory.id)):
        who, when = clean(earlier[0].changed_by), earlier[0].changed_at
        source = "app" if earlier[0].grant_id else "you"
    return Version(source, who, when, _only(diff, "gone"), newer, "ours", "1")


def _only(diff: Sequence[Change], own: str) -> list[Change]:
    return [change for change in diff if change.what in ("same", own)]


def _written(one: Connection, memory: Memory) -> Written:
    return Written(one, one.connector.partition("-")[0], _why_not(one, memory))


def _why_not(one: Connection, memory: Memory) -> str:
    right = one.grant.rights.get(memory.collection_id)
    if right is None or not right.see or one.grant.state != "active":
        return gettext("no access")
    if memory.kind not in one.settings.kinds:
        return gettext("this kind is not sent there")
    if one.state == "paused":
        return gettext("not while it is paused")
    if one.state in ("needs sign-in", "blocked"):
        return gettext("not before you have looked at the connection")
    return ""
