"""The access log: who saw what, sealed to the owner and chained so that no line can go missing."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from vault.access import Access
from vault.errors import Tampered
from vault.keys.custodian import KeyServerError, KeysFolderError
from vault.log.log_chain import Chain, altered, missing
from vault.log.log_check import verify
from vault.log.log_details import Details
from vault.models import LogEntry
from vault.scope import vault_scope
from vault.text import clean
from vault.types import AskerKind, Entry

logger = logging.getLogger(__name__)

LONGEST_PURPOSE = 200
LOOK_THROUGH = 2000
"""Lines that one search for a memory opens: which memories a line names is sealed in it."""
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Outline:
    """What a line says without being opened: neither names nor memories nor a purpose."""

    at: datetime
    asker_kind: str
    asker_id: UUID
    action: str
    count: int


@dataclass(frozen=True, slots=True)
class Readings:
    """The lines that name a memory, the newest first. Those before line `looked_to` were not
    looked at; 0 when there are none."""

    entries: list[Entry]
    looked_to: int


def record(access: Access, action: str, memory_ids: Sequence[UUID] = (), purpose: str = "") -> None:
    """Append one line, in the transaction of what it tells of: both happen, or neither."""
    with vault_scope(access.vault_id):
        chain = Chain(access.vault_id, writing=True, key=access.chain_key)
        chain.append(access.asker, action, memory_ids, clean(purpose)[:LONGEST_PURPOSE])
        chain.save()


def record_if_possible(access: Access, action: str, purpose: str = "") -> bool:
    """The same for what takes access away, which a lost log must not keep from happening. Whether
    the line was written; if not, the caller tells. Within a scope."""
    try:
        with transaction.atomic():  # a line that stands there already undoes nothing else
            record(access, action, purpose=purpose)
    except (Tampered, KeyServerError, KeysFolderError, IntegrityError) as error:
        logger.error("A line of an access log was not written: %s.", type(error).__name__)
        return False
    return True


def record_reading(access: Access, action: str, memory_ids: Sequence[UUID]) -> None:
    """What a grantee read. The owner's own looking around is not logged."""
    if access.is_logged:
        record(access, action, memory_ids)


def listing(
    access: Access,
    *,
    grant_id: UUID | None = None,
    memory_id: UUID | None = None,
    after: datetime | None = None,
    limit: int = 100,
    before_seq: int | None = None,
    actions: Collection[str] | None = None,
) -> list[Entry]:
    """The newest lines first, of these actions only when some are named. The owner's own session
    opens them; nobody else's does.

    With `memory_id`, what `readings` finds. Tampered when one of the lines was altered.
    """
    if memory_id is not None:
        return readings(access, memory_id, limit=limit, before_seq=before_seq).entries
    access.must_own()
    with vault_scope(access.vault_id):
        rows = _rows(access, before_seq)
        if grant_id is not None:
            rows = rows.filter(asker_id=grant_id)
        if after is not None:
            rows = rows.filter(at__gte=after)
        if actions is not None:
            rows = rows.filter(action__in=actions)
        return opened(access, list(rows[:limit]))


def outlines(
    access: Access, *, after: datetime, limit: int, grant_id: UUID | None = None
) -> list[Outline]:
    """The newest lines since a moment, of one grant or of all. Each is verified as in `listing`,
    only the newest is opened, to know that the log's key is here: that is a twentieth of the work.
    Owner only."""
    access.must_own()
    with vault_scope(access.vault_id):
        wanted = _rows(access, None).filter(at__gte=after)
        if grant_id is not None:
            wanted = wanted.filter(asker_id=grant_id)
        rows = _genuine(access, list(wanted[:limit]))
        for newest in rows[:1]:
            _view(access, newest)
        return [
            Outline(row.at, row.asker_kind, row.asker_id, row.action, row.count) for row in rows
        ]


def readings(
    access: Access,
    memory_id: UUID,
    *,
    limit: int = 50,
    before_seq: int | None = None,
    most: int | None = None,
) -> Readings:
    """The lines that name one memory, among the next `most` lines that name any, by default
    `LOOK_THROUGH`. To go on, give the last answer's `looked_to` as `before_seq`."""
    access.must_own()
    most, found = most or LOOK_THROUGH, list[Entry]()
    with vault_scope(access.vault_id):
        rows = list(_rows(access, before_seq).exclude(count=0)[: most + 1])
        for start in range(0, len(rows), _BATCH):
            for row in _genuine(access, rows[start : start + _BATCH]):
                data = access.keyring.read_log(row.seq, row.sealed)
                if Details.may_name(memory_id, data):
                    entry = _entry(row, Details.from_bytes(data))
                    found += [entry] if memory_id in entry.memory_ids else []
                if len(found) == limit:
                    return Readings(found, row.seq)
    return Readings(found, rows[-1].seq if len(rows) > most else 0)


def opened(access: Access, rows: Sequence[LogEntry]) -> list[Entry]:
    """Lines as their owner reads them. Within a scope. Tampered when one was altered, or the line
    before it, or when the log's key is not here; lines that were cut off since they were read are
    left out."""
    return [_view(access, row) for row in _genuine(access, rows)]


def _genuine(access: Access, rows: Sequence[LogEntry]) -> list[LogEntry]:
    chain = Chain(access.vault_id, key=access.chain_key)
    links = {row.seq: bytes(row.chain) for row in rows}
    wanted = {row.seq - 1 for row in rows} - links.keys()
    before = LogEntry.objects.filter(vault_id=access.vault_id, seq__in=wanted)
    links |= {seq: bytes(link) for seq, link in before.values_list("seq", "chain")}
    links[chain.start.seq] = chain.start.link
    return [row for row in rows if _is_genuine(chain, links, row)]


def _is_genuine(chain: Chain, links: dict[int, bytes], row: LogEntry) -> bool:
    if row.seq <= chain.start.seq:
        return False
    if row.seq - 1 not in links:
        raise missing(row.seq - 1)
    if not chain.follows(links[row.seq - 1], row):
        raise altered(row.seq)
    return True


def _rows(access: Access, before_seq: int | None) -> QuerySet[LogEntry]:
    rows = LogEntry.objects.filter(vault_id=access.vault_id).order_by("-seq")
    return rows if before_seq is None else rows.filter(seq__lt=before_seq)


def _view(access: Access, row: LogEntry) -> Entry:
    return _entry(row, Details.from_bytes(access.keyring.read_log(row.seq, row.sealed)))


def _entry(row: LogEntry, said: Details) -> Entry:
    return Entry(
        seq=row.seq,
        at=row.at,
        asker_kind=cast(AskerKind, row.asker_kind),
        asker_name=said.name,
        grant_id=row.asker_id if row.asker_kind == "token" else None,
        action=row.action,
        count=row.count,
        memory_ids=tuple(said.memory_ids),
        purpose=said.purpose,
        version=said.version,
    )


__all__ = [
    "LONGEST_PURPOSE",
    "Outline",
    "Readings",
    "listing",
    "outlines",
    "readings",
    "record",
    "verify",
]
