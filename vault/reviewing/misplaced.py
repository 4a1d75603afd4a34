"""Memories that seem to belong to another collection: found, moved, put back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from vault import browse, collections, sorters
from vault.access import Access
from vault.acting import acts
from vault.errors import Invalid, Refused
from vault.rules import subject_of
from vault.sorting.homes import Home, home_for
from vault.sorting.matters import Matter
from vault.sorting.rules import Subject
from vault.sorting.sorter import Sorter, Verdict
from vault.types import Act, Memory
from vault.visible import Selection

PORTION = browse.MOST
"""Memories looked at in one go."""
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A memory, where it seems to belong, and why."""

    memory: Memory
    collection_id: UUID
    matters: tuple[Matter, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Of a portion of a collection; `cursor` leads to the next, None at the end.

    `homeless`: so many are sensitive, and there is no private collection for them.
    """

    misplaced: tuple[Misplaced, ...]
    looked_at: int
    total: int
    homeless: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """A collection for words that are not remembered yet."""

    collection_id: UUID
    why: tuple[str, ...]


def find(access: Access, collection_id: UUID, *, cursor: str | None = None) -> Found:
    """Look at the next portion of a collection, the newest first.

    Nothing is ever proposed to leave a private collection for one that is not.
    """
    access.must_own()
    page = browse.selected(
        access, Selection(collections=[collection_id]), limit=PORTION, cursor=cursor
    )
    homes = sorters.homes(access)
    private = {home.id for home in homes if home.private}
    found, homeless = [], 0
    for memory, verdict in _verdicts(sorters.sorter(access, homes), page.memories):
        place = _place(verdict, homes)
        homeless += place is None and verdict.matter is not None
        leaves = collection_id in private and place not in private
        if place is not None and place != collection_id and not leaves:
            found.append(Misplaced(memory, place, verdict.matters, verdict.why))
    return Found(tuple(found), len(page.memories), page.total, homeless, page.cursor)


def suggest(access: Access, text: str) -> Suggested | None:
    """For words that somebody is about to write down. None when nothing speaks for one."""
    access.must_own()
    homes = sorters.homes(access, by_name=True)
    verdict = sorters.sorter(access, homes).one(Subject(text, role="user"))
    place = _place(verdict, homes)
    return Suggested(place, verdict.why) if place else None


def move(access: Access, moves: Mapping[UUID, UUID]) -> list[Act]:
    """Move memories, each to its collection: one act for each of those, to be undone by `undo`."""
    access.must_own()
    targets: dict[UUID, list[UUID]] = {}
    for memory_id, collection_id in moves.items():
        targets.setdefault(collection_id, []).append(memory_id)
    if not targets:
        raise Invalid(gettext("Nothing is selected. Tick some memories first."), "memories")
    if len(moves) > PORTION:
        raise Invalid(
            gettext("At most %(most)s memories at once: choose fewer.") % {"most": PORTION},
            "memories",
        )
    _guard(access, moves)
    return [_finished(access, _begun(access, to, ids)) for to, ids in targets.items()]


def undo(access: Access, act_ids: Iterable[UUID]) -> int:
    """Put back what those acts moved and nobody moved since. How many acts were undone."""
    access.must_own()
    return len([_finished(access, acts.undo(access, act_id)) for act_id in act_ids])


def _begun(access: Access, target: UUID, memory_ids: Sequence[UUID]) -> Act:
    return acts.begin(access, "move", Selection(ids=memory_ids), param=target.hex)


def _finished(access: Access, act: Act) -> Act:
    while act.working:
        act = acts.go_on(access, act.id, seconds=_SECONDS)
    return act


def _guard(access: Access, moves: Mapping[UUID, UUID]) -> None:
    private = {one.id for one in collections.listing(access) if one.private}
    page = browse.selected(access, Selection(ids=list(moves)), limit=PORTION)
    for memory in page.memories:
        if memory.collection_id in private and moves[memory.id] not in private:
            raise Refused(
                gettext("To take a memory out of a private collection, move it on its own page.")
            )


def _place(verdict: Verdict, homes: Sequence[Home]) -> UUID | None:
    return home_for(verdict.matter, homes) if verdict.matter else verdict.place


def _verdicts(sorter: Sorter, memories: Sequence[Memory]) -> Iterator[tuple[Memory, Verdict]]:
    """Turns of one conversation are looked at together."""
    talks: dict[str, list[Memory]] = {}
    for memory in memories:
        talks.setdefault(memory.conversation or memory.id.hex, []).append(memory)
    for talk in talks.values():
        if len(talk) == 1:
            yield talk[0], sorter.one(subject_of(talk[0]))
        else:
            turns = sorted(talk, key=lambda memory: (memory.branch, memory.position))
            yield from zip(turns, sorter.talk([subject_of(turn) for turn in turns]), strict=True)
