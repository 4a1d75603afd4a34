"""The access log: who saw what, sealed to the owner and chained so that no line can go missing."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.utils import timezone

from vault.access import Access
from vault.errors import Tampered
from vault.keyring import write_log
from vault.models import LogEntry, LogHead
from vault.scope import vault_scope
from vault.text import clean
from vault.types import AskerKind, Entry

LONGEST_PURPOSE = 200


def record(access: Access, action: str, memory_ids: Sequence[UUID] = (), purpose: str = "") -> None:
    """Append one line, in the transaction of what it tells of: both happen, or neither."""
    details = {
        "memories": [str(memory_id) for memory_id in memory_ids],
        "purpose": clean(purpose)[:LONGEST_PURPOSE],
        "name": access.asker.name,
        "version": access.asker.version,
    }
    with vault_scope(access.vault_id):
        heads = LogHead.objects.filter(vault_id=access.vault_id, id=access.vault_id)
        head = heads.select_for_update().get()
        seq = head.count + 1
        entry = LogEntry(
            vault_id=access.vault_id,
            seq=seq,
            at=timezone.now(),
            asker_kind=access.asker.kind,
            asker_id=access.asker.id,
            action=action,
            count=len(memory_ids),
            sealed=write_log(access.vault_id, head.public_key, seq, json.dumps(details).encode()),
        )
        entry.chain = _link(bytes(head.chain), entry)
        entry.save(force_insert=True)
        heads.update(count=seq, chain=entry.chain)


def record_reading(access: Access, action: str, memory_ids: Sequence[UUID]) -> None:
    """What a grantee read. The owner's own looking around is not logged."""
    if not access.is_owner:
        record(access, action, memory_ids)


def listing(
    access: Access,
    *,
    grant_id: UUID | None = None,
    memory_id: UUID | None = None,
    after: datetime | None = None,
    limit: int = 100,
    before_seq: int | None = None,
) -> list[Entry]:
    """The newest lines first. The owner's own session opens them; nobody else's does.

    `memory_id` looks through the newest 5,000 lines, since which memories a line names is sealed.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        rows = LogEntry.objects.filter(vault_id=access.vault_id).order_by("-seq")
        if grant_id is not None:
            rows = rows.filter(asker_id=grant_id)
        if after is not None:
            rows = rows.filter(at__gte=after)
        if before_seq is not None:
            rows = rows.filter(seq__lt=before_seq)
        if memory_id is None:
            return [_view(access, row) for row in rows[:limit]]
        seen = (_view(access, row) for row in rows[:5000] if row.count)
        return [entry for entry in seen if memory_id in entry.memory_ids][:limit]


def verify(access: Access) -> int:
    """Walk the whole chain and count it. Tampered when a line was changed, added or removed."""
    access.must_own()
    with vault_scope(access.vault_id):
        head = LogHead.objects.get(vault_id=access.vault_id, id=access.vault_id)
        chain, count = b"", 0
        for row in LogEntry.objects.filter(vault_id=access.vault_id).order_by("seq").iterator():
            count += 1
            chain = _link(chain, row)
            if row.seq != count or bytes(row.chain) != chain:
                raise Tampered(f"The access log was altered at line {count}.")
        if count != head.count or chain != bytes(head.chain):
            raise Tampered("Lines are missing at the end of the access log.")
    return count


def _link(previous: bytes, entry: LogEntry) -> bytes:
    parts = (
        previous,
        str(entry.vault_id).encode(),
        str(entry.seq).encode(),
        entry.at.isoformat().encode(),
        entry.asker_kind.encode(),
        str(entry.asker_id).encode(),
        entry.action.encode(),
        str(entry.count).encode(),
        bytes(entry.sealed),
    )
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).digest()


def _view(access: Access, row: LogEntry) -> Entry:
    details = json.loads(access.keyring.read_log(row.seq, row.sealed))
    return Entry(
        seq=row.seq,
        at=row.at,
        asker_kind=cast(AskerKind, row.asker_kind),
        asker_name=details["name"],
        grant_id=row.asker_id if row.asker_kind == "token" else None,
        action=row.action,
        count=row.count,
        memory_ids=tuple(UUID(memory_id) for memory_id in details["memories"]),
        purpose=details["purpose"],
    )
