"""Home: what is in the vault, who can read how much of it, and whether anything waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from frontend.presenters import loglines
from frontend.presenters.connectioncards import Card, cards, groups_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words import READS
from sync.handing import handoffs
from sync.importing import imports
from sync.types import Import
from sync.upkeep import sentaway
from vault import browse, checkup, collections, grants, review, vaults
from vault.access import Access
from vault.types import KINDS, Counts, Entry, Grant, Memory

DAYS = 30
_MOST_LINES = 2000
_NEWEST = 6


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can read how much: the grants that work now, and the memories they reach together."""

    grants: list[Grant]
    memories: int


@dataclass(frozen=True, slots=True)
class Reads:
    """What grantees were given in the last 30 days: by day, by grantee, and the latest line."""

    days: list[tuple[datetime, int]]
    by_name: list[tuple[str, UUID | None, int]]
    total: int
    last: Entry | None
    more: bool = False
    """There are more lines than were looked through."""


@vault_required
def home(request: VaultRequest) -> HttpResponse:
    access = request.access
    counts, waiting = browse.counts(access), review.counts(access)
    context = {
        "counts": counts,
        "sources": sorted(counts.by_vendor.items(), key=lambda pair: -pair[1]),
        "reach": reach(access, counts),
        "reads": reads(access),
        "waiting": [(kind, waiting.of(kind)) for kind in review.KINDS if waiting.of(kind)],
        "waiting_count": waiting.total,
        "connections": connected(access),
        "sent": sentaway.lately(access),
        "imports": [one for one in imports.listing(access) if needs_a_look(one)][:3],
        "taken": handoffs.due(access)[:3],
        "newest": newest(access),
        "names": {c.id: c.name for c in collections.listing(access)},
        "doubtful": checkup.doubtful(access),
        "recovery_confirmed": vaults.recovery_confirmed(access),
    }
    return render(request, "pages/home.html", context)


def connected(access: Access) -> list[Card]:
    """Those that have not ended; what needs its owner comes first."""
    found = [card for group in groups_of(cards(access)) for card in group.cards]
    return [card for card in found if card.connection.state != "gone"]


def newest(access: Access) -> tuple[Memory, ...]:
    """The newest things remembered; turns of conversations only when there is nothing else."""
    short = [kind for kind in KINDS if kind not in ("episode", "document")]
    found = browse.listing(access, kinds=short, limit=_NEWEST, altered=True).memories
    return found or browse.listing(access, limit=_NEWEST, altered=True).memories


def reach(access: Access, counts: Counts) -> Reach:
    active = [grant for grant in grants.listing(access) if grant.state == "active"]
    seen = {c for grant in active for c, right in grant.rights.items() if right.see}
    return Reach(active, sum(counts.by_collection.get(c, 0) for c in seen))


def reads(access: Access) -> Reads | None:
    """None when the log cannot be read."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=n) for n in reversed(range(DAYS))]
    found = loglines.lines(access, after=days[0], limit=_MOST_LINES)
    if found is None:
        return None
    lines = [line for line in found if line.action in READS and line.count]
    per_day = dict.fromkeys(days, 0)
    per_name: dict[tuple[str, UUID | None], int] = {}
    for line in lines:
        day = line.at.replace(hour=0, minute=0, second=0, microsecond=0)
        per_day[day] = per_day.get(day, 0) + line.count
        who = (line.asker_name, line.grant_id)
        per_name[who] = per_name.get(who, 0) + line.count
    by_name = sorted(((*who, n) for who, n in per_name.items()), key=lambda row: -row[2])
    last, more = (lines[0] if lines else None), len(found) == _MOST_LINES
    return Reads(list(per_day.items()), by_name[:4], sum(per_day.values()), last, more)


def needs_a_look(one: Import) -> bool:
    """Going on now, or waiting for the owner to say yes."""
    return one.running or one.state in ("preview", "asking")
