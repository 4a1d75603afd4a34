"""The access log: its lines opened, and the same lines at the end of another vault's own log."""

from collections.abc import Iterator, Sequence
from typing import cast

from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.taking import Taking, portions
from vault.errors import Tampered
from vault.log.log_chain import Chain, Place, altered
from vault.log.log_details import Details
from vault.log.log_keeping import PERIODS
from vault.models import LogEntry, LogHead
from vault.types import Asker, AskerKind


def end(taking: Taking) -> lines.LogEnd:
    """Where the log ends. What is wrong with its end is noted."""
    try:
        chain = Chain(taking.access.vault_id)
    except Tampered as wrong:
        taking.altered.append(str(wrong))
        vault_id = taking.access.vault_id
        row = LogHead.objects.filter(vault_id=vault_id, id=vault_id).first() or LogHead()
        return lines.LogEnd(row.count, b"", row.cut, row.keep_days)
    return lines.LogEnd(chain.end.seq, chain.end.link, chain.start.seq, chain.head.keep_days)


def take(taking: Taking) -> Iterator[lines.LogLine]:
    """Every line that is kept, the oldest first. The first that was altered is noted."""
    access, check = taking.access, _Check(taking)
    mine = LogEntry.objects.filter(vault_id=access.vault_id)
    for portion in portions(mine.order_by("seq")):
        for row in portion:
            check.see(row)
        yield from taking.each("log", portion, lambda row: _line(access, row))


def put(access: Access, portion: Sequence[lines.LogLine], keep_days: int | None) -> None:
    """Append these to the vault's own log, each with the time and the words it had."""
    if keep_days not in PERIODS:
        raise Damaged
    chain = Chain(access.vault_id, writing=True, key=access.chain_key)
    for line in portion:
        asker = Asker(cast(AskerKind, line.asker_kind), line.asker_id, line.name, line.version)
        chain.append(asker, line.action, line.memories, line.purpose, at=line.at)
    chain.head.keep_days = keep_days
    chain.save()


class _Check:
    """Follows the chain until it breaks."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        try:
            self._chain: Chain | None = Chain(taking.access.vault_id)
        except Tampered:
            self._chain = None  # `end` has noted it
        else:
            self._place = self._chain.start

    def see(self, row: LogEntry) -> None:
        if self._chain is None:
            return
        place = self._place
        if row.seq != place.seq + 1 or not self._chain.follows(place.link, row):
            self._taking.altered.append(str(altered(place.seq + 1)))
            self._chain = None
        self._place = Place(row.seq, bytes(row.chain))


def _line(access: Access, row: LogEntry) -> lines.LogLine:
    said = Details.from_bytes(access.keyring.read_log(row.seq, row.sealed))
    return lines.LogLine(
        seq=row.seq,
        at=row.at,
        asker_kind=row.asker_kind,
        asker_id=row.asker_id,
        action=row.action,
        count=row.count,
        name=said.name,
        version=said.version,
        memories=tuple(said.memory_ids),
        purpose=said.purpose,
        chain=bytes(row.chain),
    )
