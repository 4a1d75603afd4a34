"""What flows where: from sources into collections, and from those to whoever may read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from frontend.words.sources import look_of
from sync.connections import overview
from sync.connections.overview import Standing
from vault import browse, collections, crossings
from vault.access import Access
from vault.granting import grants
from vault.text import clean
from vault.types import Collection, Grant

ENDED = timedelta(days=30)
"""For how long a grant that has ended is still shown."""
_STOPPED = {
    "needs sign-in": gettext_lazy("Needs sign-in"),
    "failing": gettext_lazy("Failing"),
    "blocked": pgettext_lazy("a connection", "Held back"),
    "paused": gettext_lazy("Paused"),
    "retracting": gettext_lazy("Being ended"),
}
_OVER = {
    "paused": gettext_lazy("Paused"),
    "revoked": gettext_lazy("Revoked"),
    "expired": gettext_lazy("Expired"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A source, a collection or a reader, with how many memories and where its link leads. `why`
    says what stops it; "" where nothing does. `source` is the slug of its colour."""

    key: str
    name: str
    count: int
    url: str
    why: str = ""
    source: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """So many memories from one node to the next; `stopped` where nothing flows (any more)."""

    start: str
    end: str
    count: int
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it. A node without streams is there all the same."""

    sources: Sequence[Node]
    places: Sequence[Node]
    readers: Sequence[Node]
    streams: Sequence[Stream]
    total: int


def flow(access: Access) -> Flow:
    """Of the whole vault, by the same few questions however much is in it."""
    listed, given = collections.listing(access), grants.listing(access)
    crossed, standings = crossings.crossings(access), overview.standings(access)
    by_grant = {one.id: one for one in given}
    stopped = {s.grant_id: str(_STOPPED[s.state]) for s in standings if s.state in _STOPPED}
    readers = [one for one in given if one.sees and _shown(one)]
    standings = [s for s in standings if s.state != "gone" and s.grant_id in by_grant]
    counts = browse.counts(access)
    sources = _sources(counts.by_vendor, standings)
    return Flow(
        sources,
        [_place(one, readers) for one in listed],
        [_reader(one, listed, stopped.get(one.id, "")) for one in readers],
        [
            *_in(crossed, standings, by_grant),
            *_out(readers, listed, stopped),
        ],
        counts.total,
    )


def _sources(counts: Mapping[str, int], standings: Iterable[Standing]) -> list[Node]:
    here = {vendor: _source(vendor, count) for vendor, count in counts.items()}
    for one in standings:
        vendor = vendor_of(one)
        node = here.get(vendor) or _source(vendor, 0)
        if one.state in _STOPPED and not node.why:
            url = reverse("connection", args=[one.id])
            why = str(_STOPPED[one.state])
            node = Node(node.key, node.name, node.count, url, why, vendor)
        elif not node.count and not node.why:
            url = reverse("connection", args=[one.id])
            node = Node(node.key, node.name, 0, url, "", vendor)
        here[vendor] = node
    return sorted(here.values(), key=lambda node: (-node.count, node.name))


def _source(vendor: str, count: int) -> Node:
    url = f"{reverse('memories')}?{urlencode({'source': vendor})}"
    return Node(f"from-{vendor}", str(look_of(vendor).name), count, url, "", vendor)


def _place(one: Collection, readers: Iterable[Grant]) -> Node:
    url = f"{reverse('memories')}?{urlencode({'collection': str(one.id)})}"
    can = [
        g for g in readers if g.state == "active" and one.id in g.rights and g.rights[one.id].see
    ]
    about = (
        pgettext("readers", "Nobody") if not can else ", ".join(clean(grant.name) for grant in can)
    )
    return Node(f"in-{one.id}", clean(one.name), one.count or 0, url, about=about)


def _reader(one: Grant, listed: Sequence[Collection], why: str) -> Node:
    why = str(_OVER.get(one.state, "")) or why
    seen = [place for place in listed if place.id in one.rights and one.rights[place.id].see]
    count = 0 if why else sum(place.count or 0 for place in seen)
    about = ", ".join(clean(place.name) for place in seen)
    return Node(f"to-{one.id}", clean(one.name), count, _page_of(one), why, about=about)


def _page_of(one: Grant) -> str:
    return reverse("grant", args=[one.id])


def _in(
    crossed: Mapping[tuple[str, UUID], int],
    standings: Iterable[Standing],
    by_grant: Mapping[UUID, Grant],
) -> list[Stream]:
    found = [Stream(f"from-{v}", f"in-{place}", n) for (v, place), n in crossed.items()]
    for one in standings:
        stopped = one.state in _STOPPED
        start = f"from-{vendor_of(one)}"
        there = {stream.end for stream in found if stream.start == start}
        for place, right in by_grant[one.grant_id].rights.items():
            if right.add != "no" and (stopped or f"in-{place}" not in there):
                found.append(Stream(start, f"in-{place}", 0, stopped))
    return found


def _out(
    readers: Iterable[Grant], listed: Sequence[Collection], stopped: Mapping[UUID, str]
) -> list[Stream]:
    counts = {one.id: one.count or 0 for one in listed}
    found = []
    for one in readers:
        ends = one.state != "active" or one.id in stopped
        for place, right in one.rights.items():
            if right.see and place in counts:
                count = 0 if ends else counts[place]
                found.append(Stream(f"in-{place}", f"to-{one.id}", count, ends))
    return found


def _shown(one: Grant) -> bool:
    over = one.revoked_at or (one.expires_at if one.state == "expired" else None)
    return over is None or timezone.now() - over < ENDED


def vendor_of(one: Standing) -> str:
    return one.connector.partition("-")[0]
