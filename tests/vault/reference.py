"""The rules that test_machine compares the vault to: who sees and adds what, with no key and no
table, on a clock moved by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from vault.keys import custodian
from vault.types import Right


def _wider(after: Right, before: Right) -> bool:
    order = ("no", "ask", "yes").index
    return after.see > before.see or order(after.add) > order(before.add)


@dataclass
class Asker:
    """A grant, session or job by its rules. Only sessions have an idle time; a job that is
    `behind` lacks a key that is newer than itself, and may be told so."""

    owner: int
    rights: Mapping[str, Right]
    made: datetime
    ends: datetime
    stopped: bool = False
    paused: bool = False
    confirmed_only: bool = False
    idle_at: datetime | None = None
    version: int = 1
    behind: bool = False

    def opens(self, now: datetime) -> bool:
        idle = self.idle_at is not None and now > self.idle_at
        return not (self.stopped or self.paused or idle or now >= self.ends)

    def sees(self, fact: "Fact") -> bool:
        held = fact.held and self.idle_at is None
        hidden = fact.forgotten is not None or held or (self.confirmed_only and not fact.confirmed)
        return fact.owner == self.owner and self.right(fact.home).see and not hidden

    def right(self, home: str) -> Right:
        return self.rights.get(home, Right())

    def may_become(
        self, rights: Mapping[str, Right], strict: bool, ends: datetime, now: datetime, key: bool
    ) -> bool:
        """Less needs no password, more does. What has ended stays so; nothing lasts for ever."""
        wider = any(_wider(right, self.right(home)) for home, right in rights.items())
        more = wider or self.confirmed_only > strict or ends > self.ends
        moved = ends != self.ends and not (now < self.ends and ends <= self.made + LONGEST)
        return not self.stopped and not moved and (key or not more)


LONGEST = timedelta(days=366)


@dataclass
class Fact:
    owner: int
    home: str
    text: str
    forgotten: datetime | None = None
    confirmed: bool = True
    held: bool = False
    by: str = ""

    def gone(self, now: datetime) -> bool:
        return self.forgotten is not None and now - self.forgotten > timedelta(days=30)


@dataclass
class World:
    askers: dict[str, Asker] = field(default_factory=dict)
    facts: dict[UUID, Fact] = field(default_factory=dict)

    def seen_by(self, secret: str, now: datetime) -> set[str] | None:
        """The texts that the holder of this secret may read; None when it opens nothing."""
        asker = self.askers[secret]
        if not asker.opens(now):
            return None
        return {fact.text for fact in self.facts.values() if asker.sees(fact)}

    def is_new(self, secret: str) -> bool:
        """Whether the owner has let in nothing of this holder's: what it brings is then held."""
        return all(fact.held for fact in self.facts.values() if fact.by == secret)


class Clock:
    """The time of the whole process, moved by hand."""

    def __init__(self) -> None:
        self.ahead, self._now, self._today = timedelta(), timezone.now, custodian.today
        timezone.now = self.now
        custodian.today = lambda: self.now().date()

    def now(self) -> datetime:
        return self._now() + self.ahead

    def stop(self) -> None:
        timezone.now, custodian.today = self._now, self._today
