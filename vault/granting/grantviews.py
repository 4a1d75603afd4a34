"""What the rows of grants say, for their owner to read; what is sealed with them may say less."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from django.utils import timezone

from vault.models import Grant as Row
from vault.models import GrantRight
from vault.types import Add, Grant, GrantKind, GrantState, Right


def views(vault_id: UUID, rows: Sequence[Row]) -> list[Grant]:
    """These grants of one vault, in this order. Within a scope."""
    found = _rights(vault_id, [row.id for row in rows])
    return [_view(row, found.get(row.id, [])) for row in rows]


def rights_of(vault_id: UUID, grant_id: UUID) -> dict[UUID, Right]:
    """By collection. Within a scope."""
    return _by_collection(_rights(vault_id, [grant_id]).get(grant_id, []))


def bounds_of(vault_id: UUID, grant_id: UUID) -> dict[UUID, int]:
    """Up to which change of the vault it sees: of collections of which it does not see all."""
    mine = _rights(vault_id, [grant_id]).get(grant_id, [])
    return {right.collection_id: right.upto for right in mine if right.upto is not None}


def _rights(vault_id: UUID, grant_ids: Iterable[UUID]) -> dict[UUID, list[GrantRight]]:
    found: dict[UUID, list[GrantRight]] = {}
    rows = GrantRight.objects.filter(vault_id=vault_id, grant_id__in=list(grant_ids))
    for right in rows.only("grant_id", "collection_id", "see", "add", "upto"):
        found.setdefault(right.grant_id, []).append(right)
    return found


def _by_collection(rights: Iterable[GrantRight]) -> dict[UUID, Right]:
    return {one.collection_id: Right(one.see, _add(one)) for one in rights}


def _add(right: GrantRight) -> Add:
    return "yes" if right.add == "yes" else "ask" if right.add == "ask" else "no"


def _view(row: Row, rights: Sequence[GrantRight]) -> Grant:
    return Grant(
        id=row.id,
        kind=cast(GrantKind, row.kind),
        name=row.name,
        rights=_by_collection(rights),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        state=_state(row),
        confirmed_only=row.confirmed_only,
        later=all(right.upto is None for right in rights),
        version=row.version,
        client_id=row.client_id,
    )


def _state(row: Row) -> GrantState:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= timezone.now():
        return "expired"
    return "paused" if row.paused_at else "active"
