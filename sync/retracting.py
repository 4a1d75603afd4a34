"""Taking back from a vendor what was sent there, once a connection's grant is over.

It needs no key that reads memories: only the names of the entries that we made.
"""

from collections.abc import Callable

from django.db.models import Count

from sync import bridge
from sync.bridge import Transport
from sync.links import Links
from sync.models import Conflict, Connection, Link, Receipt, Run
from sync.receipts import Receipts
from vault import connecting
from vault.connecting import ConnectionKey
from vault.scope import vault_scope


def run(
    row: Connection, key: ConnectionKey, transport: Transport, tick: Callable[[], None], record: Run
) -> bool:
    """Ask, delete, list again. Whether nothing is left to do; what the remote raises comes out."""
    receipts, links = Receipts(key), Links(key)
    if not row.keep_there:
        receipts.ask([one for one in links.every() if one.link.by_us and one.link.remote_id])
    open_ones = receipts.open_ones()
    if open_ones:
        try:
            _take_back(row, key, transport, tick, receipts)
        finally:
            receipts.give_up()
            record.counts = counts(row)
    left = len(receipts.open_ones())
    if left:
        record.said = f"{left:,} entries are still there. It is tried again."
    return not left


def counts(row: Connection) -> dict[str, int]:
    """Receipts by their state."""
    with vault_scope(row.vault_id):
        mine = Receipt.objects.filter(vault_id=row.vault_id, connection_id=row.id)
        found = mine.values("state").annotate(n=Count("id")).order_by()
        return {one["state"]: one["n"] for one in found}


def forget_keys(row: Connection) -> None:
    """Destroy every way to its credentials and to what its links say."""
    with vault_scope(row.vault_id):
        mine = {"vault_id": row.vault_id, "connection_id": row.id}
        Link.objects.filter(**mine).delete()
        Conflict.objects.filter(**mine).delete()
        Receipt.objects.filter(**mine).update(sealed=None)
        Connection.objects.filter(vault_id=row.vault_id, id=row.id).update(
            server_slot=None, run_slot=None, owner_slot=b"", sealed=b"", cursor=None, next_at=None
        )
    connecting.shut_server(row.id)


def _take_back(
    row: Connection,
    key: ConnectionKey,
    transport: Transport,
    tick: Callable[[], None],
    receipts: Receipts,
) -> None:
    options, _ = bridge.opened_of(key, row)
    with bridge.remote_of(row.connector, options, transport) as remote:
        receipts.take_back(remote, tick)
