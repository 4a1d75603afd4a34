"""What one run holds in its hands: the vault through the connection's grant, and the remote."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.utils.translation import gettext

from connectors.base.errors import Misconfigured
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.protocol import Connector
from connectors.base.registry import connectors
from connectors.base.types import Account
from sync.connections.outgoing import Outgoing, client
from sync.connections.pace import Pace, of_account
from sync.engine.convert import Marks
from sync.engine.links import Links
from sync.engine.runtally import RunTally
from sync.errors import NotNow
from sync.models import Connection
from vault.access import Access
from vault.errors import Locked, Tampered
from vault.granting import connecting
from vault.granting.connecting import ConnectionKey
from vault.models import Grant, GrantSlot
from vault.scope import vault_scope

Transport = Callable[[type[Connector]], httpx.BaseTransport]


def outgoing(connector: type[Connector]) -> httpx.BaseTransport:
    return Outgoing(Pace(connector.per_minute))


@dataclass(slots=True)
class Bridge:
    """Both sides, opened. `row` is the connection as it was when the run began."""

    row: Connection
    key: ConnectionKey
    access: Access
    remote: Remote
    account: Account
    links: Links
    marks: Marks
    tally: RunTally = field(default_factory=RunTally)
    tick: Callable[[], None] = lambda: None
    """Called for each action: keeps the lease, and tells how far the run is."""

    @property
    def vendor(self) -> str:
        return self.row.connector.partition("-")[0]

    def must_go_on(self) -> None:
        """Before anything is sent. Locked when the grant was taken back or changed meanwhile."""
        with vault_scope(self.row.vault_id):
            mine = Grant.objects.filter(vault_id=self.row.vault_id, id=self.row.grant_id)
            live = mine.filter(version=self.access.asker.version, revoked_at=None, paused_at=None)
            slot = GrantSlot.objects.filter(vault_id=self.row.vault_id, id=self.row.id)
            if not (live.exists() and slot.exists()):  # an erased vault has the first for a while
                raise Locked(gettext("Its grant was changed while it ran. It goes on from there."))
        self.tick()


def connector_of(slug: str) -> type[Connector]:
    """NotNow when this installation does not have it (any more), or does not allow it."""
    found = connectors().get(slug)
    if found is None:
        raise NotNow(gettext("This version of Satchel does not know this connector."))
    if found.reaches == "machine" and slug not in settings.SATCHEL_LOCAL_CONNECTORS:
        raise NotNow(
            gettext(
                "This connector opens files or starts programs on the server. Whoever runs Satchel"
                " can allow it with SATCHEL_LOCAL_CONNECTORS."
            )
        )
    return found


def sealed_of(
    key: ConnectionKey,
    version: int,
    options: dict[str, Any],
    account: Account,
    *,
    connector: str,
    grant_id: UUID,
) -> bytes:
    said = {"options": options, "account": [account.id, account.label]}
    data = json.dumps({**said, "connector": connector, "grant": str(grant_id)})
    return key.seal("settings", key.id, version, data.encode())


def opened_of(key: ConnectionKey, row: Connection) -> tuple[dict[str, Any], Account]:
    """Tampered when they were made for another connector, or under another grant."""
    said = json.loads(key.open("settings", row.id, row.version, row.sealed))
    if (said["connector"], said["grant"]) != (row.connector, str(row.grant_id)):
        raise Tampered(gettext("What is kept of this connection was altered. Nothing was sent."))
    return said["options"], Account(*said["account"])


@contextmanager
def remote_of(slug: str, options: dict[str, Any], transport: Transport) -> Iterator[Remote]:
    """The remote with these options; closed at the end. Misconfigured names an option."""
    connector = connector_of(slug)
    way = transport(connector)
    if isinstance(way, Outgoing):
        way.share(of_account(connector, options))
    with client(way) as http:
        try:
            made = connector(filled(connector.Options, options), http)
        except ImportError:
            raise Misconfigured(
                gettext("It needs more than is installed here: the optional extra “%(extra)s”.")
                % {"extra": connector.extra}
            ) from None
        remote = Remote(made)
        try:
            yield remote
        finally:
            remote.close()


@contextmanager
def opened(row: Connection, key: ConnectionKey, transport: Transport) -> Iterator[Bridge]:
    """Locked when the grant opens nothing any more."""
    access = connecting.open_access(key)
    options, account = opened_of(key, row)
    with remote_of(row.connector, options, transport) as remote:
        yield Bridge(row, key, access, remote, account, Links(key), Marks(key))
