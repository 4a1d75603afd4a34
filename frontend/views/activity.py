"""Activity: the access log, line by line; which memories a line is about; who read a memory."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from frontend.presenters.activitychart import GROUPS, actions_of, chart, since
from frontend.signin.gate import VaultRequest, vault_required
from vault import collections, memories
from vault.access import Access
from vault.errors import NotFound, Tampered
from vault.granting import grants
from vault.log import access_log, log_check, log_lost, log_tally
from vault.types import Entry, Memory

ROWS = 50
PERIODS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; 7 days of everybody unless it says otherwise."""

    days: int
    grant_id: UUID | None
    what: str
    before: int | None

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        days, before, what = query.get("days", ""), query.get("before", ""), query.get("what", "")
        try:
            grant_id = UUID(query.get("grant", ""))
        except ValueError:
            grant_id = None
        period = int(days) if days.isdecimal() and int(days) in PERIODS else PERIODS[0]
        what = what if actions_of(what) else ""
        return cls(period, grant_id, what, int(before) if _is_seq(before) else None)

    @property
    def narrow(self) -> bool:
        return bool(self.grant_id or self.what)

    def address(self, **other: object) -> str:
        """Of the same lines, but for what is said otherwise here."""
        parts = {"days": self.days, "grant": self.grant_id or "", "what": self.what, **other}
        asked = urlencode({name: value for name, value in parts.items() if value})
        return f"{reverse('activity')}?{asked}"


@vault_required
def activity(request: VaultRequest) -> HttpResponse:
    """The lines asked for. What was altered is told here, beside the means to look into it."""
    wanted, access = Wanted.of(request.GET), request.access
    context: dict[str, object] = {"wanted": wanted, "periods": PERIODS}
    if problem := log_lost.trouble(access):
        return render(request, "pages/activity.html", context | {"problem": problem, "lost": True})
    try:
        lines = _lines(access, wanted)
        context["head"] = log_check.head(access)
    except Tampered as error:
        return render(request, "pages/activity.html", context | {"problem": str(error)})
    context |= {
        "lines": lines[:ROWS],
        "older": wanted.address(before=lines[ROWS - 1].seq) if len(lines) > ROWS else "",
        "newest": wanted.address(),
        "everything": reverse("activity"),
        "groups": [(code, words) for code, (words, _) in GROUPS.items()],
    }
    return render(request, "pages/activity.html", context | _sums(access, wanted))


def _sums(access: Access, wanted: Wanted) -> dict[str, object]:
    """The chart, and each app and action with the address of its lines."""
    given, actions = grants.listing(access), actions_of(wanted.what)
    found = log_tally.tally(access, since(wanted.days), grant_id=wanted.grant_id, actions=actions)
    drawn = chart(found, wanted.days, given)
    return {
        "grants": given,
        "chart": drawn,
        "by_app": [(one, wanted.address(grant=one.code)) for one in drawn.by_app],
        "by_action": [(one, wanted.address(what=one.code)) for one in drawn.by_action],
    }


@vault_required
def line(request: VaultRequest, seq: int) -> HttpResponse:
    """One line with the memories it names, as far as they are still there."""
    access = request.access
    found = access_log.listing(access, before_seq=seq + 1, limit=1)
    if not found or found[0].seq != seq:
        raise NotFound(gettext("There is no such line."))
    kept = [one for id in found[0].memory_ids if (one := _still(access, id))]
    context = {
        "line": found[0],
        "memories": kept,
        "gone": len(found[0].memory_ids) - len(kept),
        "names": {c.id: c.name for c in collections.listing(access)},
    }
    return render(request, "pages/activity_line.html", context)


@vault_required
def readings(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """Every line about one memory, however far back: so many lines are looked through at a time."""
    before = request.GET.get("before", "")
    found = access_log.readings(
        request.access, memory_id, limit=ROWS, before_seq=int(before) if _is_seq(before) else None
    )
    context = {
        "memory": memories.get(request.access, memory_id),
        "found": found,
        "before": before,
        "head": log_check.head(request.access),
    }
    return render(request, "pages/memory_readings.html", context)


def _lines(access: Access, wanted: Wanted) -> list[Entry]:
    return access_log.listing(
        access,
        grant_id=wanted.grant_id,
        after=since(wanted.days),
        before_seq=wanted.before,
        limit=ROWS + 1,
        actions=actions_of(wanted.what),
    )


def _is_seq(text: str) -> bool:
    return text.isdecimal() and len(text) <= 18


def _still(access: Access, memory_id: UUID) -> Memory | None:
    try:
        return memories.get(access, memory_id)
    except NotFound:
        return None
