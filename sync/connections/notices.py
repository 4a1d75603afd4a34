"""Notices: a vendor calls an address of a connection when something changed, and it runs soon.

Nothing is taken from a notice but that. It is only heard where the connection may run while its
owner is away, since only there its credentials can be opened to tell whether it is genuine.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from connectors.base.errors import ConnectorError
from connectors.base.protocol import Connector
from connectors.base.types import Capability
from sync import outbox, tasks
from sync.connections.outgoing import nowhere
from sync.engine import bridge
from sync.errors import NotNow
from sync.models import Connection, Run
from vault.access import Access
from vault.errors import Locked, NotFound, Tampered
from vault.granting import connecting, tokens
from vault.keys import server_secrets
from vault.scope import vault_scope

APART = timedelta(seconds=30)
"""At least so long after a run began, the next one begins because of a notice."""
_ENDING = (Connection.State.RETRACTING, Connection.State.GONE)


def can(connector: type[Connector]) -> bool:
    """Whether this vendor sends notices."""
    return Capability.NOTICE in connector.capabilities


def switch_on(access: Access, connection_id: UUID) -> str:
    """A new token, for the address that its owner enters at the vendor: it is not kept here and
    cannot be shown again. An earlier one ends. NotNow where notices would not be heard."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id)
        if not can(bridge.connector_of(row.connector)):
            raise NotNow(gettext("This vendor sends no notices."))
        if row.state in _ENDING:
            raise NotNow(gettext("This connection has been ended."))
        if not row.server_slot:
            raise NotNow(
                gettext("Let it run while you are away first: otherwise nobody hears a notice.")
            )
        token = tokens.new(access.vault_id)
        _rows(access.vault_id, row.id).update(notice_mark=_mark(token))
    return token


def switch_off(access: Access, connection_id: UUID) -> None:
    """The address ends."""
    access.must_own()
    with vault_scope(access.vault_id):
        _rows(access.vault_id, _row(access, connection_id).id).update(notice_mark=None)


def find(token: str) -> Connection | None:
    """The connection whose address this is."""
    try:
        vault_id = tokens.vault_of(token)
    except Locked:
        return None
    with vault_scope(vault_id):
        rows = Connection.objects.filter(vault_id=vault_id, notice_mark=_mark(token))
        return rows.exclude(state=Connection.State.GONE).first()


def take(row: Connection, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it was heard: it is genuine, and the connection may run. Then a run is on its way."""
    if row.state != Connection.State.ACTIVE or not _is_genuine(row, headers, body):
        return False  # one that fails waits for as long as its vendor asked it to
    with vault_scope(row.vault_id):
        _wake(row.vault_id, row.id)
    return True


def _is_genuine(row: Connection, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        if not row.server_slot or not can(bridge.connector_of(row.connector)):
            return False
        key = connecting.by_server(row.vault_id, row.id, row.server_slot)
        options, _ = bridge.opened_of(key, row)
        with bridge.remote_of(row.connector, options, nowhere) as remote:
            return remote.heard(headers, body)
    except (ConnectorError, Locked, NotNow, Tampered):
        return False  # its next run tells its owner what is wrong


def _wake(vault_id: UUID, connection_id: UUID) -> None:
    """Due now, or as soon as it may be again. Of many notices one writes and leaves a message."""
    row = _rows(vault_id, connection_id).select_for_update().first()
    if row is None or row.state != Connection.State.ACTIVE or not row.server_slot:
        return
    began, now = _last_began(row), timezone.now()
    soonest = max(now, began + APART) if began else now
    # A run that began after it was due has used it up, also while it still goes on.
    waits = row.next_at is not None and (began is None or row.next_at > began)
    if waits and row.next_at is not None and row.next_at <= soonest:
        return
    _rows(vault_id, connection_id).update(next_at=soonest)
    words = (str(vault_id), str(connection_id), "", str(Run.Kind.SYNC), False)
    wait = (soonest - now).total_seconds()
    transaction.on_commit(lambda: outbox.leave(tasks.run_connection, *words, wait=wait))


def _last_began(row: Connection) -> datetime | None:
    runs = Run.objects.filter(vault_id=row.vault_id, connection_id=row.id)
    newest = runs.exclude(kind=Run.Kind.PREVIEW).order_by("-started_at").first()
    return newest.started_at if newest else None


def _mark(token: str) -> bytes:
    return server_secrets.mark("notice", token.encode())


def _rows(vault_id: UUID, connection_id: UUID) -> QuerySet[Connection]:
    return Connection.objects.filter(vault_id=vault_id, id=connection_id)


def _row(access: Access, connection_id: UUID) -> Connection:
    row = _rows(access.vault_id, connection_id).first()
    if row is None:
        raise NotFound(gettext("There is no such connection."))
    return row
