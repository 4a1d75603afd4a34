"""Grants as what they were: who, what, how long. They come back ended, since no key comes along."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast
from uuid import UUID

from vault.access import Access
from vault.archive import lines
from vault.archive.taking import Taking, portions
from vault.models import Grant, GrantRight
from vault.types import Add, GrantKind


def take(taking: Taking) -> Iterator[lines.Grant]:
    access = taking.access
    mine = Grant.objects.filter(vault_id=access.vault_id)
    for portion in portions(mine.order_by("created_at", "id")):
        rights = _rights(access, [row.id for row in portion])
        yield from taking.each("grants", portion, partial(_line, rights))


def put(access: Access, portion: Sequence[lines.Grant], now: datetime) -> None:
    """Write these. What was not revoked is so from `now` on: whoever had it must ask again."""
    Grant.objects.bulk_create(_row(access, line, now) for line in portion)
    GrantRight.objects.bulk_create(
        GrantRight(
            vault_id=access.vault_id,
            grant_id=line.id,
            collection_id=right.collection_id,
            see=right.see,
            add=right.add,
            epoch=1,
        )
        for line in portion
        for right in line.rights
    )


def _rights(access: Access, grant_ids: Sequence[UUID]) -> defaultdict[UUID, list[lines.Right]]:
    found: defaultdict[UUID, list[lines.Right]] = defaultdict(list)
    mine = GrantRight.objects.filter(vault_id=access.vault_id, grant_id__in=grant_ids)
    for row in mine.order_by("grant_id", "collection_id"):
        found[row.grant_id].append(lines.Right(row.collection_id, row.see, cast(Add, row.add)))
    return found


def _line(rights: Mapping[UUID, Sequence[lines.Right]], row: Grant) -> lines.Grant:
    return lines.Grant(
        id=row.id,
        kind=cast(GrantKind, row.kind),
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        paused_at=row.paused_at,
        confirmed_only=row.confirmed_only,
        last_used_at=row.last_used_at,
        rights=tuple(rights.get(row.id, ())),
    )


def _row(access: Access, line: lines.Grant, now: datetime) -> Grant:
    return Grant(
        vault_id=access.vault_id,
        id=line.id,
        kind=line.kind,
        name=line.name,
        version=line.version,
        created_at=line.created_at,
        expires_at=line.expires_at,
        revoked_at=line.revoked_at or now,
        paused_at=line.paused_at,
        confirmed_only=line.confirmed_only,
        last_used_at=line.last_used_at,
    )
