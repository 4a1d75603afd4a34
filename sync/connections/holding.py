"""A vendor that asked one connection to wait has asked all that sign in alike."""

from datetime import datetime

from sync.connections import pace
from sync.engine import bridge, states
from sync.models import Connection
from vault.errors import Locked, Tampered
from vault.granting import connecting
from vault.granting.connecting import ConnectionKey
from vault.scope import vault_scope


def hold_others(row: Connection, key: ConnectionKey, until: datetime) -> int:
    """No other connection of this vault that signs in as this one runs by itself before `until`.
    How many had to be put off."""
    account = _account(row, key)
    with vault_scope(row.vault_id):
        same = Connection.objects.filter(vault_id=row.vault_id, connector=row.connector)
        waiting = (*states.RUNNABLE, Connection.State.RETRACTING)
        due = same.filter(state__in=waiting, next_at__lt=until).exclude(server_slot=None)
        others = [one.id for one in due.exclude(id=row.id) if _held_account(one) == account]
        return same.filter(id__in=others, next_at__lt=until).update(next_at=until)


def _held_account(row: Connection) -> str | None:
    """None: nothing opens it, so it will not run either."""
    try:
        return _account(row, connecting.by_server(row.vault_id, row.id, row.server_slot or b""))
    except (Locked, Tampered):
        return None


def _account(row: Connection, key: ConnectionKey) -> str:
    options, _ = bridge.opened_of(key, row)
    return pace.account(bridge.connector_of(row.connector), options)
