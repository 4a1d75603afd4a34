"""A hostile remote that notes whose each entry is, and what was done to it from outside."""

from dataclasses import dataclass, field

from connectors.base.types import Capability, Entry, Item, Kind
from tests.connectors.hostile import HostileRemote, Temper, World
from vault.types import Add


@dataclass
class Noted(World):
    """Remembers whose each entry is, and what was deleted from outside."""

    theirs: set[str] = field(default_factory=set)
    """Made by the vendor's own user, or past recognising as ours."""
    deleted: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """The writing calls that were answered."""
    unrun: set[str] = field(default_factory=set)
    """Edited there since the last run that was done."""

    def write(self, text: str, kind: Kind = "fact", title: str = "") -> str:
        remote_id = super().write(text, kind, title)
        self.theirs.add(remote_id)
        return remote_id

    def move(self, remote_id: str) -> str:
        moved = super().move(remote_id)
        for known in (self.theirs, self.unrun):
            if remote_id in known:
                known.add(moved)
        return moved


class NotedRemote(HostileRemote):
    """Says what it was asked for, once it has done it."""

    def create(self, item: Item, key: str) -> Entry | None:
        made = super().create(item, key)
        self._say(f"create {item.text}" + ("" if made else " (accepted)"))
        return made

    def update(self, entry: Entry, item: Item) -> Entry:
        before = self.world.entries.get(entry.remote_id)
        made = super().update(entry, item)
        self._say(f"update {before.text if before else '?'} => {item.text}")
        return made

    def delete(self, entry: Entry) -> None:
        held = self.world.entries.get(entry.remote_id)
        if held is not None and isinstance(self.world, Noted):
            self.world.deleted[entry.remote_id] = held.text
        super().delete(entry)
        self._say(f"delete {held.text if held else '?'}")

    def _say(self, what: str) -> None:
        if isinstance(self.world, Noted):
            self.world.said.append(what)


@dataclass(frozen=True)
class Traits:
    """What stays the same for a life."""

    capabilities: Capability = Capability.WRITE
    keeps_keys: bool = True
    idempotent: bool = True
    moves: bool = False
    drops: bool = False
    cut: bool = False
    """It cuts every text that it is given. Only where it keeps keys: it is unknowable otherwise."""
    lies: bool = False
    """Its listings of changes may leave out what changed; whole ones do so anyway."""
    policy: str = "ask"
    add: Add = "yes"

    @property
    def finds_again(self) -> bool:
        """Whether what it shows late can be told from what never arrived."""
        return self.keeps_keys and self.idempotent

    def temper(self) -> Temper:
        return Temper(
            keeps_keys=self.keeps_keys,
            idempotent=self.idempotent,
            moves=self.moves,
            drops=frozenset({"kind", "title"}) if self.drops else frozenset(),
            rewrites=_cut if self.cut and self.keeps_keys else str,
        )


def _cut(text: str) -> str:
    return text[:9]


__all__ = ["Noted", "NotedRemote", "Traits"]
