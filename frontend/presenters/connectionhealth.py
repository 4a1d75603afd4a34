"""Connections that are not in step: their state says so, or their last success is old."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from frontend.presenters.connectioncards import Card, cards
from sync.connections import runs
from sync.connections.connections import Connection
from vault.access import Access

_LEAST = timedelta(days=2)
_BY_HAND = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Behind:
    """`last`: when it was in step last; None: never. `old`: that is longer ago than planned."""

    card: Card
    last: datetime | None
    old: bool


def behind(access: Access) -> list[Behind]:
    """Those that their owner should look at. Not those that are being ended by themselves."""
    last = runs.last_done(access.vault_id)
    every = [_standing(card, last) for card in cards(access) if card.connection.state != "gone"]
    return [one for one in every if one.old or _stands_still(one.card)]


def _standing(card: Card, last: Mapping[UUID, datetime]) -> Behind:
    one = card.connection
    since = last.get(one.id, one.created_at)
    ending = one.state == "retracting"
    return Behind(card, last.get(one.id), not ending and timezone.now() - since > _patience(one))


def _stands_still(card: Card) -> bool:
    return card.waits or card.connection.state == "failing"


def _patience(one: Connection) -> timedelta:
    """Three runs, and two days at least; a month for one that runs when its owner says so."""
    if not one.settings.background or not one.settings.every:
        return _BY_HAND
    return max(_LEAST, 3 * timedelta(minutes=one.settings.every))
