"""The feed of changes: what a mirror must know to follow what one asker may see.

What left an asker's sight comes as a tombstone, and so does only what the feed told that asker
before: a tombstone tells of nothing that was never in sight.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from vault import records
from vault.access import Access
from vault.browse import sources_of
from vault.errors import Invalid, Outdated, Refused, Tampered
from vault.granting.scopes import SEE
from vault.keys import server_secrets
from vault.log import access_log
from vault.models import Memory as Row
from vault.models import Told, Vault
from vault.scope import vault_scope
from vault.types import Memory
from vault.visible import visible_rows

MOST = 100
"""Changes on one page."""
REMEMBERED = timedelta(days=30)
"""A mirror that has not caught up for longer must start again."""
_PURPOSE = "feed"


@dataclass(frozen=True, slots=True)
class Change:
    """A memory as it is now; None in its place once it is out of this asker's sight."""

    id: UUID
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The oldest change first. `cursor` goes on from here, now if there is `more`, else later."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a mirror is: it knows all up to change `seq`, and as it was at `at` it had it all."""

    version: int
    seq: int
    at: datetime


def since(access: Access, cursor: str | None = None, *, limit: int = MOST) -> Changes:
    """What changed since then, or everything. After a change of its grant it all comes again, with
    tombstones for what the grant lost.

    Invalid for a cursor that is not this asker's; Outdated for one that is too old.
    """
    if access.scopes is not None and SEE not in access.scopes:
        raise Refused("This token may not read.")  # nothing left its sight: it has none
    place = _read(access, cursor) if cursor else _start(access)
    limit = max(1, min(limit, MOST))
    with vault_scope(access.vault_id):
        # Numbers of changes are given out behind the lock of the vault's row, which is held until
        # the commit: whoever sees one sees all lower ones. The end is read before the rows.
        end = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
        if place.seq > end:
            raise Outdated("This vault was put back to an earlier state. Start again.")
        found = list(_rows(access, place.seq).order_by("seq", "id")[: limit + 1])
        page, more = found[:limit], len(found) > limit
        changes = _changes(access, page)
        if not more:
            _let_go(access)
    last = page[-1].seq if page else place.seq
    seq, at = (last, place.at) if more else (max(end, last), timezone.now())
    return Changes(changes, _written(access, _Place(place.version, seq, at)), more)


def _rows(access: Access, seq: int) -> QuerySet[Row]:
    """Later changes of what is in sight, and of what was. All in one statement, which sees one
    state of the vault."""
    mine = visible_rows(access).filter(forgotten_at=None, id=OuterRef("id"))
    told = Told.objects.filter(
        vault_id=access.vault_id, grant_id=access.asker.id, memory_id=OuterRef("id")
    )
    rows = Row.objects.filter(vault_id=access.vault_id, seq__gt=seq)
    rows = rows.annotate(in_sight=Exists(mine))
    # What is in the vault is never a secret to its owner.
    return rows if access.is_owner else rows.filter(Q(in_sight=True) | Exists(told))


def _changes(access: Access, page: list[Row]) -> tuple[Change, ...]:
    shown = [row for row in page if row.in_sight]  # type: ignore[attr-defined]  # annotated
    ids = [row.id for row in shown]
    memories = {one.id: one for one in records.views(access, shown, sources_of(access, ids))}
    if not access.is_owner:
        _tell(access, ids, [row.id for row in page if row.id not in memories])
    if ids:
        access_log.record_reading(access, "listed", ids)
    return tuple(Change(row.id, memories.get(row.id)) for row in page)


def _tell(access: Access, shown: list[UUID], gone: list[UUID]) -> None:
    """Note what this grant knows from now on, and what it knows to be gone."""
    mine = Told.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
    mine.filter(memory_id__in=gone, gone_at=None).update(gone_at=timezone.now())
    mine.filter(memory_id__in=shown).exclude(gone_at=None).update(gone_at=None)
    Told.objects.bulk_create(
        [
            Told(vault_id=access.vault_id, grant_id=access.asker.id, memory_id=memory_id)
            for memory_id in shown
        ],
        ignore_conflicts=True,
    )


def _let_go(access: Access) -> None:
    """Forget what every mirror that need not start again knows to be gone."""
    mine = Told.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
    mine.filter(gone_at__lt=timezone.now() - REMEMBERED).delete()


def _start(access: Access) -> _Place:
    return _Place(access.asker.version, 0, timezone.now())


def _written(access: Access, place: _Place) -> str:
    """Sealed, for the count of changes tells of memories that are out of sight."""
    said = json.dumps([place.version, place.seq, place.at.timestamp()])
    return server_secrets.seal(_whose(access).int, said, _PURPOSE)


def _read(access: Access, cursor: str) -> _Place:
    try:
        said = server_secrets.open_(_whose(access).int, cursor, _PURPOSE)
    except (Tampered, UnicodeError):
        raise Invalid("This cursor is not one of ours. Start again without it.", "cursor") from None
    version, seq, at = json.loads(said)
    place = _Place(version, seq, datetime.fromtimestamp(at, UTC))
    if timezone.now() - place.at > REMEMBERED:
        raise Outdated("This cursor is more than 30 days old. Start again without it.")
    return place if version == access.asker.version else _start(access)


def _whose(access: Access) -> UUID:
    """A grant's; of the owner the vault's, whichever session they are in."""
    return access.vault_id if access.is_owner else access.asker.id
