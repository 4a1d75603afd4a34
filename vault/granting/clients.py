"""Connected apps: one grant per OAuth client, however many devices it is installed on."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from vault.access import Access
from vault.errors import NotFound
from vault.granting import grantkeys, grants
from vault.keys.keyring import Key
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.models import Grant as Row
from vault.models import Vault
from vault.scope import vault_scope
from vault.types import Grant, Right


def known(access: Access, client_id: str) -> Grant | None:
    """The grant that this client has already, if it has not ended."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, client_id)
    grant = grants.get(access, row.id) if row else None
    return grant if grant and grant.state in ("active", "paused") else None


def let_in() -> set[str]:
    """Every client that some owner let in, also where that has ended. Asked of one vault after the
    other, without keys."""
    found: set[str] = set()
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            rows = Row.objects.filter(vault_id=vault_id).exclude(client_id="")
            found.update(rows.values_list("client_id", flat=True).order_by().distinct())
    return found


def connect(
    access: Access,
    owner: OwnerKey,
    *,
    client_id: str,
    name: str,
    rights: Mapping[UUID, Right],
    expires_at: datetime,
    confirmed_only: bool = False,
    later: bool = True,
    purpose: str = "",
) -> tuple[Row, Key]:
    """What the owner consented to: this client's grant, made or changed, and its key for a code.

    `purpose` is the owner's note of what it is for; the log keeps it.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row, before = _row(access, client_id), known(access, client_id)
        if row is not None and before is None:
            grants.revoke(access, row.id)
        if row is None or before is None:
            new = Row(kind=Row.Kind.APP, client_id=client_id)
            new.expires_at, new.confirmed_only = expires_at, confirmed_only
            row, key = grants.make(access, owner, new, name=name, rights=rights, later=later)
            _let_in(access, row, purpose)
            return row, key
        grants.change(
            access,
            row.id,
            rights=rights,
            expires_at=expires_at,
            confirmed_only=confirmed_only,
            later=later,
            owner=owner,
        )
        return again(access, owner, client_id=client_id, purpose=purpose)


def again(access: Access, owner: OwnerKey, *, client_id: str, purpose: str = "") -> tuple[Row, Key]:
    """One more installation of an app that is connected already, with what it has: its grant, which
    goes on if it was paused, and its key. NotFound when it is not connected any more."""
    access.must_own()
    with vault_scope(access.vault_id):
        row, before = _row(access, client_id), known(access, client_id)
        if row is None or before is None:
            raise NotFound(gettext("This app is not connected any more."))
        if before.state == "paused":
            grants.resume(access, row.id, owner)
        _let_in(access, row, purpose)
        row.refresh_from_db()
        return row, grantkeys.key_of(owner, row)


def _let_in(access: Access, row: Row, purpose: str) -> None:
    said = f"{row.name}: {purpose}" if purpose else row.name
    access_log.record(access, "connected", purpose=said)


def _row(access: Access, client_id: str) -> Row | None:
    live = Row.objects.filter(vault_id=access.vault_id, client_id=client_id, revoked_at=None)
    return live.first() if client_id else None
