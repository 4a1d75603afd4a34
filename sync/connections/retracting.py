"""Taking back from a vendor what was sent there, once a connection's grant is over.

It needs no key that reads memories: only the names of the entries that we made.
"""

from collections.abc import Callable, Sequence

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from connectors.base.errors import Misconfigured
from connectors.base.live.remote import Remote
from connectors.base.types import Entry
from sync.connections.receipts import Receipts
from sync.engine import bridge
from sync.engine.bridge import Transport
from sync.engine.convert import Marks
from sync.engine.engine import PENDING_FOR
from sync.engine.links import Links, State, as_listed
from sync.engine.pairing import pair
from sync.models import Conflict, Connection, Link, Receipt, Run
from vault.granting import connecting
from vault.granting.connecting import ConnectionKey
from vault.scope import vault_scope


def run(
    row: Connection, key: ConnectionKey, transport: Transport, tick: Callable[[], None], record: Run
) -> bool:
    """Ask, delete, list again. Whether nothing is left to do; what the remote raises comes out."""
    receipts, links = Receipts(key), Links(key)
    ours = [] if row.keep_there else [one for one in links.every() if one.link.by_us]
    receipts.ask([one for one in ours if one.link.remote_id])
    pending = [one for one in ours if not one.link.remote_id]
    if pending or receipts.open_ones():
        try:
            pending = _take_back(row, key, transport, tick, ours)
        finally:
            receipts.give_up()
            record.counts = counts(row)
    left = len(receipts.open_ones()) + len(pending)
    if left:
        record.said = f"{left:,} entries are not confirmed gone. It is tried again."
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
    ours: Sequence[State],
) -> list[State]:
    """Of what was sent and not seen yet, answers what may still be shown later."""
    receipts, marks = Receipts(key), Marks(key)
    options, _ = bridge.opened_of(key, row)
    with bridge.remote_of(row.connector, options, transport) as remote:
        _must_be_former(row, marks, remote)
        found = {}
        if ours:
            entries = _listed(remote, ours)
            theirs = [marks.theirs(one) for one in entries.values() if one.item or one.unread]
            by_id = {one.id: one for one in ours}
            for each in pair([one.link for one in ours], [], theirs):
                if each.link and each.theirs:
                    found[each.link.id] = as_listed(by_id[each.link.id], each, entries)
            receipts.ask(list(found.values()))
        receipts.take_back(remote, tick)
    late = timezone.now().timestamp() - PENDING_FOR.total_seconds()
    pending = [one for one in ours if not one.link.remote_id]
    return [one for one in pending if one.id not in found and one.sent > late]


def _listed(remote: Remote, ours: Sequence[State]) -> dict[str, Entry]:
    """What is there; read only as far as something that was sent may have to be found by it."""
    linked = {one.link.remote_id for one in ours}
    pages = remote.chosen(lambda entry: None in linked and entry.remote_id not in linked)
    return {entry.remote_id: entry for page in pages for entry in page.entries}


def _must_be_former(row: Connection, marks: Marks, remote: Remote) -> None:
    """Misconfigured where another account answers: its listing proves nothing about what was sent
    to the former one."""
    now, former = marks.account(remote.check().id), bytes(row.account_mark)
    if former and now != former:
        raise Misconfigured(
            gettext(
                "The sign-in leads to another account than the one that the memories were sent to."
                " Sign in to that one again."
            )
        )
