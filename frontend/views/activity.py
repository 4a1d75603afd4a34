"""Activity: the access log, line by line; and which memories a line is about."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from frontend.gate import VaultRequest, vault_required
from vault import access_log, collections, grants, memories
from vault.access import Access
from vault.errors import NotFound
from vault.types import Memory

ROWS = 50
PERIODS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; 7 days of everybody unless it says otherwise."""

    days: int
    grant_id: UUID | None
    before: int | None

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        days, before = query.get("days", ""), query.get("before", "")
        try:
            grant_id = UUID(query.get("grant", ""))
        except ValueError:
            grant_id = None
        period = int(days) if days.isdecimal() and int(days) in PERIODS else PERIODS[0]
        return cls(period, grant_id, int(before) if before.isdecimal() else None)

    def older(self, seq: int) -> str:
        parts = {"days": self.days, "grant": self.grant_id or "", "before": seq}
        return f"{reverse('activity')}?{urlencode(parts)}"


@vault_required
def activity(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.of(request.GET)
    lines = access_log.listing(
        access,
        grant_id=wanted.grant_id,
        after=timezone.now() - timedelta(days=wanted.days),
        before_seq=wanted.before,
        limit=ROWS + 1,
    )
    context = {
        "lines": lines[:ROWS],
        "older": wanted.older(lines[ROWS - 1].seq) if len(lines) > ROWS else "",
        "wanted": wanted,
        "periods": PERIODS,
        "grants": grants.listing(access),
    }
    return render(request, "pages/activity.html", context)


@vault_required
def line(request: VaultRequest, seq: int) -> HttpResponse:
    """One line with the memories it names, as far as they are still there."""
    access = request.access
    found = access_log.listing(access, before_seq=seq + 1, limit=1)
    if not found or found[0].seq != seq:
        raise NotFound("There is no such line.")
    kept = [one for id in found[0].memory_ids if (one := _still(access, id))]
    context = {
        "line": found[0],
        "memories": kept,
        "gone": len(found[0].memory_ids) - len(kept),
        "names": {c.id: c.name for c in collections.listing(access)},
    }
    return render(request, "pages/activity_line.html", context)


def _still(access: Access, memory_id: UUID) -> Memory | None:
    try:
        return memories.get(access, memory_id)
    except NotFound:
        return None
