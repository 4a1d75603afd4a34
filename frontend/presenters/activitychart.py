"""The access log as a picture and in sums: what was given out by day, by app and by action."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from frontend.words import ACTIONS, READS
from vault.log.log_tally import Tally
from vault.text import clean
from vault.types import Grant

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CHANGES = frozenset({"remembered", "revised", "forgot", "suggested", "imported", "distilled"})
GROUPS: Mapping[str, tuple["StrOrPromise", frozenset[str]]] = {
    "reads": (gettext_lazy("Reads"), READS | {"sent"}),
    "changes": (gettext_lazy("Changes to memories"), CHANGES),
    "access": (
        gettext_lazy("Access and the vault itself"),
        frozenset(ACTIONS) - READS - CHANGES - {"sent"},
    ),
}
"""What the lines can be narrowed to, beside a single action."""


@dataclass(frozen=True, slots=True)
class Share:
    """One app's or action's part: what it is called, how the address names it, how many."""

    name: str
    code: str
    memories: int
    lines: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`days` with how many memories were given out on each, also those with none."""

    days: Sequence[tuple[datetime, int]]
    total: int
    by_app: Sequence[Share]
    by_action: Sequence[Share]

    @property
    def busy(self) -> list[tuple[datetime, int]]:
        """The days on which something was given out, the newest first."""
        return [day for day in reversed(self.days) if day[1]]


def since(days: int) -> datetime:
    """The first moment of a period of so many days, which ends with today."""
    today = timezone.now().astimezone(UTC).date()
    return datetime.combine(today - timedelta(days=days - 1), time.min, UTC)


def chart(found: Iterable[Tally], days: int, grants: Iterable[Grant]) -> Chart:
    """Of what `vault.log.log_tally` counted since the first of these days."""
    begin = since(days)
    per_day = {(begin + timedelta(days=n)).date(): 0 for n in range(days)}
    apps: dict[tuple[str, UUID | None], list[int]] = {}
    actions: dict[str, list[int]] = {}
    for one in found:
        given = one.memories if one.action in READS and one.asker_kind == "token" else 0
        if one.day in per_day:
            per_day[one.day] += given
        who = (one.asker_kind, one.asker_id if one.asker_kind == "token" else None)
        _add(apps.setdefault(who, [0, 0]), given, one.lines)
        _add(actions.setdefault(one.action, [0, 0]), one.memories, one.lines)
    names = {grant.id: clean(grant.name) for grant in grants}
    by_app = [Share(name_of(kind, id, names), str(id or ""), *n) for (kind, id), n in apps.items()]
    by_action = [Share(str(ACTIONS.get(code, code)), code, *n) for code, n in actions.items()]
    return Chart(
        [(datetime.combine(day, time.min, UTC), n) for day, n in per_day.items()],
        sum(per_day.values()),
        sorted(by_app, key=lambda one: (-one.memories, -one.lines, one.name)),
        sorted(by_action, key=lambda one: (-one.lines, one.name)),
    )


def actions_of(what: str) -> frozenset[str] | None:
    """The actions that an address asks for: a group's or a single one. None for all of them."""
    if what in GROUPS:
        return GROUPS[what][1]
    return frozenset({what}) if what in ACTIONS else None


def _add(sums: list[int], memories: int, lines: int) -> None:
    sums[0] += memories
    sums[1] += lines


def name_of(kind: str, id: UUID | None, names: Mapping[UUID, str]) -> str:
    """What an asker of the log is called: `id` is of a grant, None for anybody else."""
    if id is not None:
        return names.get(id, gettext("An app that is gone"))
    return gettext("You") if kind == "owner" else gettext("Satchel itself, for you")
