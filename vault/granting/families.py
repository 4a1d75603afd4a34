"""Families of tokens: what one consent of the owner led to. A code gives the first pair of an
access and a refresh token, each refresh token the next.

Whoever shows a code or a refresh token again that has done its work is not the app it was given to,
or the app is not alone: the family ends, and no other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from vault.access import Access
from vault.granting import tokens
from vault.granting.lifetimes import (
    ACCESS_LIFE,
    CODE_LIFE,
    IN_FLIGHT,
    LEEWAY,
    REFRESH_LIFE,
    REMEMBERED,
)
from vault.granting.tokens import Opened, Reach
from vault.ids import new_id
from vault.keys.keyring import Key
from vault.models import Grant, GrantSlot
from vault.scope import vault_scope


def begin(grant: Grant, key: Key, client_id: str, audience: str, scopes: Iterable[str]) -> str:
    """A code that can be exchanged once, within a minute. Inside `vault_scope`."""
    now, code = timezone.now(), tokens.new(grant.vault_id)
    until = now + CODE_LIFE
    reach = Reach(tokens.client_mark(client_id), audience, frozenset(scopes), until)
    family = new_id()
    tokens.add_slot(grant, key, tokens.CODE, code, now.date(), until, reach=reach, family=family)
    return code


def opened(token: str, kind: str, client_id: str) -> Opened:
    """A code or refresh token of this client, not yet used up. Locked for any other; one that was
    used before ends its family."""
    with vault_scope(tokens.vault_of(token)):
        slot = tokens.slot_of(token, kind)
        if slot is not None and _was_used(slot):
            _end(slot)
            slot = None
        found = _of_client(token, slot, client_id) if slot else None
    if found is None:
        raise tokens.refusal()
    return found


def give(source: Opened, access: str, refresh: str | None, scopes: frozenset[str]) -> None:
    """Let these new tokens open what `source`, a code or a refresh token, opened. Locked when it
    was used up meanwhile, and the family has ended."""
    slot, now = source.slot, timezone.now()
    with vault_scope(slot.vault_id):
        grant = _live(slot)
        fine = grant is not None and _use(slot, now)
        if grant is not None and fine:
            _replace_older(slot, now)
            _add(source, grant, tokens.ACCESS, access, now + ACCESS_LIFE, scopes)
            if refresh:
                _add(source, grant, tokens.REFRESH, refresh, now + REFRESH_LIFE, scopes)
        else:
            _end(slot)
    if not fine:
        raise tokens.refusal()


def end(token: str, client_id: str) -> None:
    """Sign this client out: the whole family of an access or refresh token of its own. Nothing
    happens for any other token."""
    with vault_scope(tokens.vault_of(token)):
        slot = tokens.slot_of(token, tokens.ACCESS, tokens.REFRESH)
        if slot is not None and _of_client(token, slot, client_id):
            _end(slot)


def counts(access: Access) -> dict[UUID, int]:
    """How many installations are signed in now, by grant; none is not listed."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = _lasting(access).values("grant_id").annotate(n=Count("family", distinct=True))
        return {row["grant_id"]: row["n"] for row in rows.order_by()}


def count(access: Access, grant_id: UUID) -> int:
    """How many installations of this app are signed in now."""
    return counts(access).get(grant_id, 0)


def scopes(access: Access, grant_id: UUID) -> frozenset[str]:
    """All that its installations asked for. Only to be told: what counts is checked when a token
    is used."""
    access.must_own()
    with vault_scope(access.vault_id):
        sealed = list(_lasting(access).filter(grant_id=grant_id).values_list("sealed", flat=True))
    reaches = [tokens.reach_in(bytes(one)) for one in sealed]
    return frozenset().union(*(reach.scopes for reach in reaches if reach))


def _lasting(access: Access) -> QuerySet[GrantSlot]:
    """The slots by which an installation goes on: refresh tokens not used up, access tokens."""
    live = GrantSlot.objects.filter(vault_id=access.vault_id, expires_at__gt=timezone.now())
    return live.filter(Q(kind=tokens.ACCESS) | Q(kind=tokens.REFRESH, used_at=None))


def _was_used(slot: GrantSlot) -> bool:
    leeway = LEEWAY if slot.kind == tokens.REFRESH else timedelta(0)
    return slot.used_at is not None and timezone.now() > slot.used_at + leeway


def _of_client(token: str, slot: GrantSlot, client_id: str) -> Opened | None:
    found = tokens.opened(token, slot)
    reach = found.reach
    fits = reach is not None and reach.client == tokens.client_mark(client_id)
    now = timezone.now()
    over = slot.expires_at <= now or reach is None or reach.until <= now
    return found if fits and not over and _live(slot) else None


def _live(slot: GrantSlot) -> Grant | None:
    """Its grant, unless that has ended or its owner's login is switched off. A paused one lives:
    its tokens are refused where they are used."""
    rows = Grant.objects.filter(vault_id=slot.vault_id, id=slot.grant_id, revoked_at=None)
    row = rows.filter(vault__owner__is_active=True).select_for_update(of=("self",)).first()
    over = row is not None and row.expires_at is not None and row.expires_at <= timezone.now()
    return None if over else row


def _use(slot: GrantSlot, now: datetime) -> bool:
    """False when the slot is gone, with its family, or another request was first with a code."""
    mine = GrantSlot.objects.filter(vault_id=slot.vault_id, id=slot.id)
    kept = {"expires_at": now + REMEMBERED} if slot.kind == tokens.CODE else {}
    first = mine.filter(used_at=None).update(used_at=now, **kept) == 1
    return first or (slot.kind == tokens.REFRESH and mine.exists())


def _replace_older(slot: GrantSlot, now: datetime) -> None:
    """Not those that the same refresh token gave a moment ago."""
    mine = GrantSlot.objects.filter(vault_id=slot.vault_id, family=slot.family, kind=tokens.ACCESS)
    older = mine.filter(expires_at__gt=now + IN_FLIGHT, expires_at__lt=now + ACCESS_LIFE - LEEWAY)
    older.update(expires_at=now + IN_FLIGHT)


def _add(
    source: Opened, grant: Grant, kind: str, token: str, until: datetime, scopes: frozenset[str]
) -> None:
    if source.reach is None:
        raise tokens.refusal()
    until = min(until, grant.expires_at) if grant.expires_at else until
    scopes &= source.reach.scopes  # what it is said to have is read from a plain column
    reach = Reach(source.reach.client, source.reach.audience, scopes, until)
    day = timezone.now().date()
    family = source.slot.family
    tokens.add_slot(grant, source.key, kind, token, day, until, reach=reach, family=family)


def _end(slot: GrantSlot) -> None:
    # Behind the lock of `give`: what a refresh under way is about to give ends, too.
    grants = Grant.objects.filter(vault_id=slot.vault_id, id=slot.grant_id)
    list(grants.select_for_update().values_list("id"))
    GrantSlot.objects.filter(vault_id=slot.vault_id, family=slot.family).delete()
