"""The access log as a file: one JSON object a line, the last one saying where the log ends."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from vault.access import Access
from vault.errors import Tampered
from vault.log.access_log import opened
from vault.log.log_chain import Chain
from vault.log.log_check import fingerprint
from vault.models import LogEntry
from vault.scope import vault_scope
from vault.types import Entry

_PORTION = 500


def export(access: Access) -> Iterator[bytes]:
    """The whole log, oldest line first, read in portions while it goes out. A line that was
    altered, or that nothing opens, goes out as it is found, marked "altered"; and so do all, and
    no last one, when the end of the log is not as it was left."""
    access.must_own()
    return _export(access)


def told(access: Access, rows: Sequence[LogEntry]) -> list[dict[str, Any]]:
    """What an export says in these lines. Within a scope."""
    if not access.keyring.opens_log:
        return [_as_found(row) for row in rows]
    try:
        entries = opened(access, rows)
    except Tampered:
        return [_told_alone(access, row) for row in rows]
    links = {row.seq: bytes(row.chain).hex() for row in rows}
    return [_said(entry) | {"chain": links[entry.seq]} for entry in entries]


def _export(access: Access) -> Iterator[bytes]:
    try:
        with vault_scope(access.vault_id):
            chain = Chain(access.vault_id)
    except Tampered:
        yield from _export_as_found(access)
        return
    seq, end = chain.start.seq, chain.end
    while seq < end.seq:
        until = min(seq + _PORTION, end.seq)
        # A scope of its own for each portion: between two the server may do other work.
        with vault_scope(access.vault_id):
            rows = LogEntry.objects.filter(vault_id=access.vault_id, seq__gt=seq)
            lines = told(access, list(rows.filter(seq__lte=until).order_by("seq")))
        yield from map(_packed, lines)
        seq = until
    yield _packed({"head": _head(access, chain)})


def _export_as_found(access: Access) -> Iterator[bytes]:
    seq = -(2**63)
    while True:
        with vault_scope(access.vault_id):
            rows = LogEntry.objects.filter(vault_id=access.vault_id, seq__gt=seq).order_by("seq")
            portion = list(rows[:_PORTION])
        yield from (_packed(_as_found(row)) for row in portion)
        if len(portion) < _PORTION:
            return
        seq = portion[-1].seq


def _head(access: Access, chain: Chain) -> dict[str, Any]:
    return {
        "vault": str(access.vault_id),
        "count": chain.end.seq,
        "chain": chain.end.link.hex(),
        "fingerprint": fingerprint(chain.end.link),
        "cut": chain.start.seq,
        "at": timezone.now().isoformat(),
    }


def _told_alone(access: Access, row: LogEntry) -> dict[str, Any]:
    try:
        (entry,) = opened(access, [row])
    except (Tampered, ValueError):  # it was altered, or cut off a moment ago
        return _as_found(row)
    return _said(entry) | {"chain": bytes(row.chain).hex()}


def _as_found(row: LogEntry) -> dict[str, Any]:
    plain = {"seq": row.seq, "at": row.at.isoformat(), "action": row.action, "altered": True}
    return plain | {"chain": bytes(row.chain).hex()}


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "asker": entry.asker_name,
        "asker_kind": entry.asker_kind,
        "grant": str(entry.grant_id) if entry.grant_id else None,
        "version": entry.version,
        "action": entry.action,
        "purpose": entry.purpose,
        "memories": [str(memory_id) for memory_id in entry.memory_ids],
    }


def _packed(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
