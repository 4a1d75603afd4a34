"""Which memory belongs to which entry: the first step of a run after both sides were listed. Pure.

By link; else by the key an entry was created under; else by equal words; else it is new.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ours:
    """A memory as it is now, in sight of the connection."""

    id: UUID
    mark: str
    """Fingerprint of all that is sent: text, kind, title. Opaque; never compared with theirs."""
    words: str
    """Fingerprint of its folded words alone, made as that of `Theirs`. "" equals nothing."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """An entry as the remote lists it now."""

    remote_id: str
    mark: str
    """Fingerprint of its content, never of its etag: a restless etag is no edit."""
    words: str
    key: str = ""
    """What was given to `create`, where the remote kept it."""
    readable: bool = True
    """False: something is there, but it cannot be read as an item; it is left alone."""


@dataclass(frozen=True, slots=True)
class Link:
    """What was so after the last run."""

    id: UUID
    memory_id: UUID | None
    """None: only theirs, be it ignored, waiting as a suggestion, or an alias."""
    remote_id: str | None
    """None: no entry is known yet. With `ours` it was sent and accepted, and its listing is
    awaited; without, whether it was sent is not known."""
    ours: str | None
    theirs: str | None
    """The marks of both sides then: the bases. None: that side was not there."""
    key: str
    """The key under which it was or will be created there."""
    by_us: bool
    """We created the entry."""
    hidden: bool = False
    """Its memory is still in the vault, but out of this connection's sight: not among `Ours`."""
    words: str = ""
    """The words of the entry when it was last listed or sent. "": not kept."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together. The entry's id is that of `theirs`: a remote may have moved it."""

    link: Link | None
    ours: Ours | None
    theirs: Theirs | None


def pair(links: Sequence[Link], ours: Iterable[Ours], theirs: Iterable[Theirs]) -> list[Pair]:
    """Every link, memory and entry in one pair each; of a remote_id that is listed twice, the last
    one counts. Sorted by links, then memories, then entries, whatever the order they came in."""
    matching = _Matching(links, ours, theirs)
    matching.by_link()
    matching.by_key()
    matching.by_words()
    matching.adopt()
    return list(matching.pairs())


class _Matching:
    """`ours` and `theirs` are what each link has found, by the link's id."""

    def __init__(
        self, links: Iterable[Link], ours: Iterable[Ours], theirs: Iterable[Theirs]
    ) -> None:
        self.links = sorted(links, key=lambda link: link.id.hex)
        self.here = {one.id: one for one in sorted(ours, key=lambda one: one.id.hex)}
        self.there = {one.remote_id: one for one in theirs}
        named = {link.remote_id for link in self.links}
        self.free = _Free(one for key, one in sorted(self.there.items()) if key not in named)
        owned = {link.memory_id for link in self.links}
        self.fresh = [one for one in self.here.values() if one.id not in owned]
        self.ours: dict[UUID, Ours] = {}
        self.theirs: dict[UUID, Theirs] = {}

    def by_link(self) -> None:
        for link in self.links:
            if link.memory_id in self.here:
                self.ours[link.id] = self.here[link.memory_id]
            if link.remote_id in self.there:
                self.theirs[link.id] = self.there[link.remote_id]

    def by_key(self) -> None:
        """Created just before a crash, accepted and shown late, or moved to another id."""
        for link in self._without_entry():
            if found := self.free.by_key(link.key):
                self.theirs[link.id] = found

    def by_words(self) -> None:
        """The same, where the remote keeps no keys."""
        for link in self._without_entry():
            tries = (self.free.by_words(words) for words in self._words_of(link))
            if found := next(filter(None, tries), None):
                self.theirs[link.id] = found

    def adopt(self) -> None:
        """A memory without an entry moves to a link that has one with its words and no memory: a
        suggestion that was accepted, an alias of what is gone, what was forgotten and is told
        again. Its old link is left empty."""
        waiting = _stacks(self._only_theirs())
        for link in self._without_entry():
            mine = self.ours.get(link.id)
            if mine and link.remote_id is not None and waiting[mine.words]:
                self.ours[waiting[mine.words].pop()] = self.ours.pop(link.id)
        for mine in self.fresh:
            if waiting[mine.words]:
                self.ours[waiting[mine.words].pop()] = mine

    def pairs(self) -> Iterator[Pair]:
        for link in self.links:
            yield Pair(link, self.ours.get(link.id), self.theirs.get(link.id))
        placed = {one.id for one in self.ours.values()}
        for mine in self.fresh:
            if mine.id not in placed:
                yield Pair(None, mine, self.free.by_words(mine.words))
        for one in self.free:
            yield Pair(None, None, one)

    def _without_entry(self) -> list[Link]:
        return [link for link in self.links if link.id not in self.theirs]

    def _words_of(self, link: Link) -> tuple[str, ...]:
        """What its entry may say by now. Where the memory was forgotten and the entry is gone,
        equal words are someone's fresh entry, and no longer this one."""
        mine = self.ours.get(link.id)
        if link.remote_id is None:
            return (link.words, mine.words) if mine else (link.words,)
        if link.memory_id is None:
            return (link.words,)
        return (mine.words, link.words) if mine else ()

    def _only_theirs(self) -> Iterator[tuple[str, UUID]]:
        for link in self.links:
            theirs = self.theirs.get(link.id)
            alone = link.memory_id not in self.here and not link.hidden
            if alone and theirs and theirs.readable and theirs.words:
                yield theirs.words, link.id


class _Free:
    """Entries that no link names. What is asked for and found is free no more."""

    def __init__(self, entries: Iterable[Theirs]) -> None:
        self._entries = {one.remote_id: one for one in entries}
        self._keys = _stacks((one.key, one.remote_id) for one in self)
        self._words = _stacks((one.words, one.remote_id) for one in self if one.readable)

    def by_key(self, key: str) -> Theirs | None:
        return self._pop(self._keys[key]) if key else None

    def by_words(self, words: str) -> Theirs | None:
        return self._pop(self._words[words]) if words else None

    def __iter__(self) -> Iterator[Theirs]:
        return iter(self._entries.values())

    def _pop(self, remote_ids: list[str]) -> Theirs | None:
        while remote_ids:
            if found := self._entries.pop(remote_ids.pop(), None):
                return found
        return None


def _stacks(found: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """By the first of each; to be popped in the order they came."""
    stacks: dict[str, list[T]] = defaultdict(list)
    for key, one in reversed(list(found)):
        stacks[key].append(one)
    return stacks
