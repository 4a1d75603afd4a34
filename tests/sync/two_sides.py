"""A vault and a remote as plain dicts, and an engine of a few lines: what the pure parts decide is
done to them literally, so that what follows from the decisions can be looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from uuid import UUID

from sync.engine.pairing import Link, Ours, Theirs, pair
from sync.engine.reconcile import Action, Verb, reconcile


class Crash(BaseException):
    """The power went."""


@dataclass(frozen=True)
class Traits:
    """What kind of remote it is."""

    keeps_kinds: bool = True
    keeps_keys: bool = True
    moves: bool = False
    """An update makes another entry."""
    holds: bool = False
    """What was created is listed later."""
    asks: bool = False
    """What comes from there waits as a suggestion."""


@dataclass(frozen=True)
class Content:
    text: str
    kind: str = "fact"
    key: str = ""

    @property
    def words(self) -> str:
        return self.text.strip().lower()


@dataclass
class TwoSides:
    """`fuse` is called before and after whatever a crash may come between."""

    traits: Traits
    fuse: Callable[[], None] = lambda: None
    vault: dict[UUID, Content] = field(default_factory=dict)
    hidden: set[UUID] = field(default_factory=set)
    remote: dict[str, Content] = field(default_factory=dict)
    pending: list[Content] = field(default_factory=list)
    links: dict[UUID, Link] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    """Words that wait in the inbox: the vault's version stands meanwhile."""
    withdrawn: set[str] = field(default_factory=set)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def run(self) -> list[Action]:
        actions = self.plan()
        for action in actions:
            _DO[action.verb](self, action)
        return actions

    def plan(self) -> list[Action]:
        links = [replace(one, hidden=one.memory_id in self.hidden) for one in self.links.values()]
        seen = {id: one for id, one in self.vault.items() if id not in self.hidden}
        ours = [Ours(id, f"{one.text}|{one.kind}", one.words) for id, one in seen.items()]
        return reconcile(pair(links, ours, self.listed()))

    def listed(self) -> list[Theirs]:
        return [
            Theirs(id, f"{one.text}|{one.kind}", one.words, one.key)
            for id, one in self.remote.items()
        ]

    def release(self) -> None:
        for one in self.pending:
            self.put(one)
        self.pending = []

    def give_up_waiting(self) -> None:
        """What was accepted long ago and never listed counts as perhaps never sent."""
        for one in self.links.values():
            if one.remote_id is None:
                self.links[one.id] = replace(one, ours=None)

    def put(self, content: Content) -> str:
        remote_id = f"r{next(self.numbers)}"
        self.remote[remote_id] = content
        return remote_id

    def new_id(self) -> UUID:
        return UUID(int=next(self.numbers))

    # what the verbs do

    def drop(self, action: Action) -> None:
        link = _link(action)
        del self.links[link.id]
        if link.hidden and action.pair.theirs:  # theirs: so that it is not taken as new
            self._save(replace(link, memory_id=None, ours=None, by_us=False), action.pair.theirs)

    def settle(self, action: Action) -> None:
        ours, theirs = action.pair.ours, action.pair.theirs
        assert theirs
        link = action.pair.link or self._new_link()
        if ours:
            link = replace(link, memory_id=ours.id, ours=ours.mark)
        self._save(link, theirs)

    def alias(self, action: Action) -> None:
        assert action.pair.theirs
        self._save(self._new_link(), action.pair.theirs)

    def take(self, action: Action) -> None:
        theirs, link = action.pair.theirs, action.pair.link or self._new_link()
        assert theirs
        if self.traits.asks and link.memory_id is None:
            self._save(link, theirs)
            return
        id = link.memory_id or self.new_id()
        self.vault[id] = replace(self.remote[theirs.remote_id], key="")
        mark = f"{self.vault[id].text}|{self.vault[id].kind}"
        self._save(replace(link, memory_id=id, ours=mark), theirs)

    def forget(self, action: Action) -> None:
        assert action.pair.ours
        del self.vault[action.pair.ours.id]
        del self.links[_link(action).id]

    def conflict(self, action: Action) -> None:
        assert action.pair.theirs and action.pair.ours
        self.conflicts |= {action.pair.theirs.words}
        self.send_change(action)

    def remove(self, action: Action) -> None:
        assert action.pair.theirs
        self.fuse()
        if action.verb is Verb.WITHDRAW:
            self.withdrawn.add(action.pair.theirs.words)
        del self.remote[action.pair.theirs.remote_id]
        self.fuse()
        del self.links[_link(action).id]

    def send_change(self, action: Action) -> None:
        ours, theirs = action.pair.ours, action.pair.theirs
        assert ours and theirs
        self.fuse()
        content = self._as_kept(ours.id, self.remote[theirs.remote_id].key)
        remote_id = theirs.remote_id
        if self.traits.moves:
            del self.remote[remote_id]
            remote_id = self.put(content)
        self.remote[remote_id] = content
        self.fuse()
        link = replace(_link(action), memory_id=ours.id, ours=ours.mark)
        self._save(link, self._entry(remote_id))

    def send(self, action: Action) -> None:
        ours, link = action.pair.ours, action.pair.link or self._new_link()
        assert ours
        key = f"k{next(self.numbers)}" if action.verb is Verb.SEND_AGAIN else link.key
        begun = replace(
            link, memory_id=ours.id, remote_id=None, ours=None, theirs=None, key=key,
            by_us=True, words=ours.words,
        )  # fmt: skip
        self.links[link.id] = begun
        self.fuse()
        remote_id = self._create(self._as_kept(ours.id, key))
        self.fuse()
        self.links[link.id] = replace(begun, ours=ours.mark)
        if remote_id is not None:
            self._save(replace(begun, ours=ours.mark), self._entry(remote_id))

    def nothing(self, action: Action) -> None:
        pass

    def _create(self, content: Content) -> str | None:
        if content.key:
            if any(one.key == content.key for one in self.pending):
                return None
            for remote_id, one in self.remote.items():
                if one.key == content.key:
                    return remote_id
        if self.traits.holds:
            self.pending.append(content)
            return None
        return self.put(content)

    def _as_kept(self, id: UUID, key: str) -> Content:
        one = self.vault[id]
        kind = one.kind if self.traits.keeps_kinds else "fact"
        return Content(one.text, kind, key if self.traits.keeps_keys else "")

    def _entry(self, remote_id: str) -> Theirs:
        return next(one for one in self.listed() if one.remote_id == remote_id)

    def _new_link(self) -> Link:
        id = self.new_id()
        return Link(id, None, None, None, None, f"k{id.int}", by_us=False)

    def _save(self, link: Link, theirs: Theirs) -> None:
        link = replace(
            link, remote_id=theirs.remote_id, theirs=theirs.mark, words=theirs.words, hidden=False
        )
        others = [one for one in self.links.values() if one.id != link.id]
        assert link.remote_id not in {one.remote_id for one in others}
        assert link.memory_id is None or link.memory_id not in {one.memory_id for one in others}
        self.links[link.id] = link


_DO = {
    Verb.DROP: TwoSides.drop,
    Verb.SETTLE: TwoSides.settle,
    Verb.ALIAS: TwoSides.alias,
    Verb.TAKE_NEW: TwoSides.take,
    Verb.TAKE_CHANGE: TwoSides.take,
    Verb.TAKE_BACK: TwoSides.take,
    Verb.FORGET: TwoSides.forget,
    Verb.CONFLICT: TwoSides.conflict,
    Verb.WITHDRAW: TwoSides.remove,
    Verb.DELETE: TwoSides.remove,
    Verb.SEND_CHANGE: TwoSides.send_change,
    Verb.SEND_AGAIN: TwoSides.send,
    Verb.SEND_NEW: TwoSides.send,
    Verb.WAIT: TwoSides.nothing,
    Verb.NOTHING: TwoSides.nothing,
}


def _link(action: Action) -> Link:
    assert action.pair.link
    return action.pair.link
