"""Connections as their owner makes, changes and ends them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from connectors.base.live.options import filled
from connectors.base.types import Account
from sync import outbox, tasks
from sync.connections import accounts
from sync.connections.connection_types import INTERVALS, SENT_KINDS, Connection, Settings, shown
from sync.engine import bridge, states
from sync.engine.bridge import Transport
from sync.errors import NotNow
from sync.models import Connection as Row
from sync.models import Link, Receipt, Run
from vault.access import Access
from vault.errors import NotFound
from vault.granting import connecting, grants
from vault.granting.connecting import ConnectionKey
from vault.ids import new_id
from vault.keys.vaultkey import OwnerKey
from vault.scope import vault_scope
from vault.types import Grant, Right

_NOT_STARTED = gettext_noop("It could not be started just now. Try again in a while.")


def try_out(slug: str, options: dict[str, Any], transport: Transport = bridge.outgoing) -> Account:
    """Whose account these options lead to. ConnectorError says what is wrong."""
    with bridge.remote_of(slug, options, transport) as remote:
        return remote.check()


def add(
    access: Access,
    owner: OwnerKey,
    slug: str,
    options: dict[str, Any],
    *,
    name: str,
    rights: Mapping[UUID, Right],
    settings: Settings,
    account: Account,
    confirmed_only: bool = False,
) -> Connection:
    """Make it, after `try_out` told the account. Its first run is due at once."""
    access.must_own()
    settings.must_fit(rights)
    filled(bridge.connector_of(slug).Options, options)
    id, now = new_id(), timezone.now()
    with vault_scope(access.vault_id):
        accounts.must_be_alone(owner, slug, account, id)
        grant_id, key, slot = connecting.begin(
            access, owner, id, name=name, rights=rights, confirmed_only=confirmed_only
        )
        Row.objects.create(
            vault_id=access.vault_id,
            id=id,
            connector=slug,
            grant_id=grant_id,
            owner_slot=slot,
            server_slot=connecting.server_slot(key) if settings.background else None,
            sealed=bridge.sealed_of(key, 1, options, account, connector=slug, grant_id=grant_id),
            **settings.columns(),
            next_at=now if settings.background else None,
            created_at=now,
        )
    return get(access, id)


def listing(access: Access, given: Sequence[Grant] | None = None) -> list[Connection]:
    """Every connection, the newest first; what is gone comes last, for its receipts. Who has listed
    the grants already may hand them over."""
    access.must_own()
    named = {grant.id: grant for grant in (grants.listing(access) if given is None else given)}
    with vault_scope(access.vault_id):
        rows = list(Row.objects.filter(vault_id=access.vault_id).order_by("-created_at"))
        found = shown([row for row in rows if row.grant_id in named], named)
    return sorted(found, key=lambda one: one.state == Row.State.GONE)


def names(access: Access, of_grants: Mapping[UUID, str]) -> dict[UUID, str]:
    """What those of `listing` are called that are not gone, in the same order. `of_grants`: what
    `grants.names` says."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).exclude(state=Row.State.GONE)
        found = list(rows.order_by("-created_at").values_list("id", "grant_id"))
    return {id: of_grants[grant] for id, grant in found if grant in of_grants}


def get(access: Access, connection_id: UUID) -> Connection:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id)
        grant = grants.get(access, row.grant_id)
        return shown([row], {grant.id: grant})[0]


def change(
    access: Access, connection_id: UUID, settings: Settings, owner: OwnerKey | None = None
) -> Connection:
    """Other settings. To let it run unattended needs `owner`; to end that does not."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        grant = grants.get(access, row.grant_id)
        settings.must_fit(grant.rights)
        fields = settings.columns()
        if settings.background and not row.server_slot:
            fields["server_slot"] = connecting.server_slot(_key(row, owner))
        elif not settings.background and row.server_slot:
            fields["server_slot"] = None
            transaction.on_commit(lambda: connecting.shut_server(row.id))
        background = settings.background and settings.every
        fields["next_at"] = timezone.now() if background else None
        fields["full_at"] = None  # what is sent may be more or less from now on
        _update(row, **fields)
    return get(access, connection_id)


def reconnect(
    access: Access,
    owner: OwnerKey,
    connection_id: UUID,
    options: dict[str, Any],
    account: Account,
) -> Connection:
    """Other credentials, after `try_out` told whose they are."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        state, key = states.after(row.state, "reconnected"), _key(row, owner)
        filled(bridge.connector_of(row.connector).Options, options)
        version = row.version + 1
        accounts.must_be_alone(owner, row.connector, account, row.id)
        sealed = bridge.sealed_of(
            key, version, options, account, connector=row.connector, grant_id=row.grant_id
        )
        due = timezone.now() if row.server_slot else None
        fields: dict[str, Any] = {"sealed": sealed, "version": version, "said": "", "failures": 0}
        if row.server_slot:  # the one there may open no more
            fields["server_slot"] = connecting.server_slot(key)
        _update(row, **fields, state=state, next_at=due, full_at=None)
    return get(access, connection_id)


def options_of(access: Access, owner: OwnerKey, connection_id: UUID) -> dict[str, Any]:
    """What was entered, also the secrets: to fill the form of `reconnect`, never to be shown."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id)
        options, _ = bridge.opened_of(_key(row, owner), row)
    return options


def run_now(
    access: Access,
    connection_id: UUID,
    owner: OwnerKey | None = None,
    *,
    preview: bool = False,
    resync: bool = False,
) -> None:
    """Start a run, or a preview that changes nothing. One that the server has no key of needs
    `owner`. NotNow while one is under way, or in a state in which none may begin."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        _must_be_idle(row, preview=preview)
        token, fields = "", {}
        if not row.server_slot:
            token, day, slot = connecting.run_slot(_key(row, owner))
            fields = {"run_slot": slot, "run_day": day}
        _update(row, stage="waiting", done=0, total=0, **fields)
        kind = Run.Kind.PREVIEW if preview else Run.Kind.SYNC
        words = (str(row.vault_id), str(row.id), token, str(kind), resync)
        transaction.on_commit(lambda: _leave(row, *words))


def pause(access: Access, connection_id: UUID) -> Connection:
    """No run begins until `resume`; one that is under way stops before its next step."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        _update(row, state=states.after(row.state, "paused"))
        grants.pause(access, row.grant_id)
    return get(access, connection_id)


def resume(access: Access, connection_id: UUID, owner: OwnerKey) -> Connection:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        state = states.after(row.state, "resumed")
        grants.resume(access, row.grant_id, owner)
        _update(row, state=state, next_at=timezone.now() if row.server_slot else None)
    return get(access, connection_id)


def waive(access: Access, connection_id: UUID, name: str) -> Connection:
    """Let the next run do what the guard of this name held back: as much as it said, no more."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        state = states.after(row.state, "waived")
        due = timezone.now() if row.server_slot else None
        counts = row.guard.get("counts", {}) if row.guard.get("name") == name else {}
        waived = {**row.waived, name: counts}
        _update(row, state=state, waived=waived, guard={}, said="", next_at=due)
    return get(access, connection_id)


def disconnect(
    access: Access, connection_id: UUID, *, keep_there: bool, owner: OwnerKey | None = None
) -> Connection:
    """End it: access at once, then what we sent is taken back from the vendor, unless it may stay.

    One that the server holds no key of needs `owner` for taking back; without it the connection
    waits, retracting, until `run_now`.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, connection_id, lock=True)
        state = states.after(row.state, "ended")
        fields: dict[str, Any] = {"keep_there": keep_there, "failures": 0}
        if not row.server_slot and owner is not None:
            fields["server_slot"] = connecting.server_slot(_key(row, owner))
        _update(row, state=state, next_at=timezone.now(), stage="", **fields)
        grants.revoke(access, row.grant_id)
        words = (str(row.vault_id), str(row.id), "", str(Run.Kind.RETRACT), False)
        transaction.on_commit(lambda: outbox.leave(tasks.run_connection, *words))
    return get(access, connection_id)


def sent_there(access: Access, connection_id: UUID) -> int:
    """How many entries we made there: what `disconnect` would take back."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Link.objects.filter(vault_id=access.vault_id, connection_id=connection_id)
        return mine.filter(by_us=True).exclude(remote_mark=None).count()


def receipts(access: Access, connection_id: UUID) -> list[Receipt]:
    """Of every entry that was to be taken back from there, the newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Receipt.objects.filter(vault_id=access.vault_id, connection_id=connection_id)
        return list(mine.order_by("-asked_at", "id"))


def of_grant(access: Access, grant_id: UUID) -> UUID | None:
    """The connection that has this grant."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, grant_id=grant_id)
        return mine.values_list("id", flat=True).first()


def by_grant(access: Access) -> dict[UUID, UUID]:
    """Every connection's id by that of its grant: what `of_grant` answers for one."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id)
        return dict(mine.values_list("grant_id", "id"))


def _leave(row: Row, *words: Any) -> None:
    """Without a broker nothing waits: its owner sees that, and starts it again."""
    if not outbox.leave(tasks.run_connection, *words):
        with vault_scope(row.vault_id):
            _update(row, stage="", run_slot=None, run_day=None, said=_NOT_STARTED)


def _must_be_idle(row: Row, *, preview: bool) -> None:
    now = timezone.now()
    if row.lease_owner is not None and row.lease_until and row.lease_until > now:
        raise NotNow(gettext("It is running already."))
    fine = (*states.RUNNABLE, Row.State.BLOCKED) if preview else states.RUNNABLE
    if row.state not in (*fine, Row.State.RETRACTING):
        raise states.refusal(row.state)


def _key(row: Row, owner: OwnerKey | None) -> ConnectionKey:
    if owner is not None:
        return connecting.by_owner(owner, row.id, row.owner_slot)
    if row.server_slot:
        return connecting.by_server(row.vault_id, row.id, row.server_slot)
    raise NotNow(gettext("This needs the key of your vault. Enter your password."))


def _row(access: Access, connection_id: UUID, *, lock: bool = False) -> Row:
    rows: QuerySet[Row] = Row.objects.filter(vault_id=access.vault_id, id=connection_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such connection."))
    return row


def _update(row: Row, **fields: Any) -> None:
    Row.objects.filter(vault_id=row.vault_id, id=row.id).update(**fields)


__all__ = ["INTERVALS", "SENT_KINDS", "Connection", "Settings"]  # and the verbs above
