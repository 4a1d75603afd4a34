"""Whether anything of a vault left for elsewhere lately, beside what apps read by their grants."""

from datetime import datetime, timedelta

from django.utils import timezone

from sync.distilling import runs as distillings
from sync.models import Run
from vault.access import Access
from vault.embedding import embedders
from vault.errors import Tampered
from vault.log import access_log
from vault.scope import vault_scope

LATELY = timedelta(hours=24)
WAYS = ("connections", "moved", "distilled", "embedder")
_MOST_LINES = 2000
_SENT = ("sent", "accepted there")
_ENDED_WELL = ("done", "guarded", "refused")
"""Outcomes of runs that counted all they sent."""


def lately(access: Access) -> frozenset[str] | None:
    """By which of `WAYS` something left in the last day; empty when nothing did. None when that
    cannot be known: the log is unreadable or too long, or a run did not tell all it did."""
    access.must_own()
    since = timezone.now() - LATELY
    try:
        with vault_scope(access.vault_id):
            lines = access_log.outlines(access, after=since, limit=_MOST_LINES)
            elsewhere = any(_leaves(one) for one in embedders.choices(access).values())
    except Tampered:
        return None
    connections = _connections(access, since)
    if connections is None or len(lines) == _MOST_LINES:
        return None
    actions = {line.action for line in lines}
    found = {
        "connections": connections,
        "moved": "handed off" in actions,
        "distilled": "distilled" in actions or _distilled(access, since),
        "embedder": elsewhere,
    }
    return frozenset(way for way, so in found.items() if so)


def _leaves(one: embedders.Chosen) -> bool:
    return one.now.leaves or (one.next is not None and one.next.leaves)


def _connections(access: Access, since: datetime) -> bool | None:
    with vault_scope(access.vault_id):
        rows = Run.objects.filter(vault_id=access.vault_id).exclude(kind=Run.Kind.PREVIEW)
        late = rows.filter(started_at__lt=since).filter(finished_at__gte=since)
        found = list((rows.filter(started_at__gte=since) | late).values_list("counts", "outcome"))
        going_on = rows.filter(outcome="").exists()
    if any(counts.get(word) for counts, _ in found for word in _SENT):
        return True
    known = not going_on and all(outcome in _ENDED_WELL for _, outcome in found)
    return False if known else None


def _distilled(access: Access, since: datetime) -> bool:
    """Also what began earlier and has not ended: it may have asked its model a moment ago."""
    return any(
        run.finished_at is None or run.finished_at >= since for run in distillings.listing(access)
    )
