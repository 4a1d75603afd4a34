"""Home: what is in the vault, who can read how much of it, and whether anything waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import render

from frontend.presenters.activitychart import Chart, chart, name_of, since
from frontend.presenters.connectioncards import Card, cards, groups_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words import READS
from sync.handing import handoffs
from sync.importing import imports
from sync.types import Import
from sync.upkeep import sentaway
from vault import browse, collections, vaults
from vault.access import Access
from vault.errors import Tampered
from vault.granting import grants
from vault.integrity import checkup
from vault.log import access_log
from vault.log.log_tally import Tally
from vault.reviewing import review
from vault.text import clean
from vault.types import KINDS, Collection, Grant, Memory

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
    """What apps were given in the last 30 days, and which of them got something when at last."""

    chart: Chart
    last: tuple[str, datetime] | None
    more: bool = False
    """There are more lines than were looked through."""


@vault_required
def home(request: VaultRequest) -> HttpResponse:
    access = request.access
    listed, waiting, given = (
        collections.listing(access),
        review.counts(access),
        grants.listing(access),
    )
    context = {
        "memory_count": sum(one.count or 0 for one in listed),
        "sources": sorted(browse.vendors(access).items(), key=lambda pair: -pair[1]),
        "reach": reach(given, listed),
        "reads": reads(access, given),
        "waiting": [(kind, waiting.of(kind)) for kind in review.KINDS if waiting.of(kind)],
        "waiting_count": waiting.total,
        "connections": connected(access, given),
        "sent": sentaway.lately(access),
        "imports": [one for one in imports.listing(access) if needs_a_look(one)][:3],
        "taken": handoffs.due(access)[:3],
        "newest": newest(access),
        "names": {one.id: one.name for one in listed},
        "doubtful": checkup.doubtful(access),
        "recovery_confirmed": vaults.recovery_confirmed(access),
    }
    return render(request, "pages/home.html", context)


def connected(access: Access, given: Sequence[Grant]) -> list[Card]:
    """Those that have not ended; what needs its owner comes first."""
    found = [card for group in groups_of(cards(access, given)) for card in group.cards]
    return [card for card in found if card.connection.state != "gone"]


def newest(access: Access) -> tuple[Memory, ...]:
    """The newest things remembered; turns of conversations only when there is nothing else."""
    short = [kind for kind in KINDS if kind not in ("episode", "document")]
    found = browse.listing(access, kinds=short, limit=_NEWEST, altered=True).memories
    return found or browse.listing(access, limit=_NEWEST, altered=True).memories


def reach(given: Sequence[Grant], listed: Sequence[Collection]) -> Reach:
    active = [grant for grant in given if grant.state == "active"]
    reading = [grant for grant in active if any(right.see for right in grant.rights.values())]
    seen = {c for grant in reading for c, right in grant.rights.items() if right.see}
    return Reach(reading, sum(one.count or 0 for one in listed if one.id in seen))


def reads(access: Access, given: Sequence[Grant]) -> Reads | None:
    """None when the log cannot be read."""
    try:
        found = access_log.outlines(access, after=since(DAYS), limit=_MOST_LINES)
    except Tampered:
        return None
    lines = [one for one in found if one.asker_kind == "token" and one.action in READS]
    lines = [one for one in lines if one.count]
    days = [
        Tally(one.at.astimezone(UTC).date(), one.asker_kind, one.asker_id, one.action, 1, one.count)
        for one in lines
    ]
    names = {grant.id: clean(grant.name) for grant in given}
    last = (name_of("token", lines[0].asker_id, names), lines[0].at) if lines else None
    return Reads(chart(days, DAYS, given), last, len(found) == _MOST_LINES)


def needs_a_look(one: Import) -> bool:
    """Going on now, or waiting for the owner to say yes."""
    return one.running or one.state in ("preview", "asking")
