"""Grants: who may see and add what, until when; made, changed, paused and revoked by the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid, KeyNeeded, NotFound, Refused, Stale
from vault.granting import expiry, grantkeys, tokens
from vault.granting.grantviews import rights_of, views
from vault.keys import slots
from vault.keys.custodian import custodian
from vault.keys.keyring import Key
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.models import Grant as Row
from vault.models import GrantKey, GrantRight, GrantSlot, Suggestion, Told
from vault.scope import vault_scope
from vault.text import clean
from vault.types import Add, Grant, Right

LONGEST_NAME = 120


def create_token(
    access: Access,
    owner: OwnerKey,
    *,
    name: str,
    rights: Mapping[UUID, Right],
    expires_at: datetime,
    confirmed_only: bool = False,
    later: bool = True,
) -> tuple[Grant, str]:
    """A grant with an API token. The token is answered once and kept nowhere.

    With `confirmed_only` it is shown only what the owner wrote or confirmed; unless `later`, only
    what is there now, and what it writes itself.
    """
    access.must_own()
    token = tokens.new(access.vault_id)
    with vault_scope(access.vault_id):
        row, key = make(
            access,
            owner,
            Row(kind=Row.Kind.TOKEN, expires_at=expires_at, confirmed_only=confirmed_only),
            name=name,
            rights=rights,
            later=later,
        )
        tokens.add_slot(row, key, tokens.API, token, row.created_at.date(), expires_at)
    return get(access, row.id), token


def make(
    access: Access,
    owner: OwnerKey,
    row: Row,
    *,
    name: str,
    rights: Mapping[UUID, Right],
    later: bool = True,
) -> tuple[Row, Key]:
    """Save this new grant, which nothing opens yet, with its key. Inside `vault_scope`."""
    access.must_own()
    wanted = _checked_rights(access, rights)
    if row.kind != Row.Kind.CONNECTION or row.expires_at is not None:
        expiry.check(row.expires_at)
    row.vault_id, row.name, row.created_at = access.vault_id, _checked_name(name), timezone.now()
    key = Key.generate()
    custodian().new_grant_pepper(row.id)
    row.owner_slot = slots.owner_slot(owner.key, access.vault_id, row.id, key)
    row.save(force_insert=True)
    grantkeys.give(access, row, key, wanted, later=later)
    access_log.record(access, "granted", purpose=row.name)
    return row, key


def listing(access: Access) -> list[Grant]:
    """Every grant, the newest first; revoked ones too, so that it is seen that they are gone."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = list(Row.objects.filter(vault_id=access.vault_id).order_by("-created_at"))
        return views(access.vault_id, rows)


def names(access: Access) -> dict[UUID, str]:
    """What those of `listing` are called, in the same order."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-created_at")
        return dict(rows.values_list("id", "name"))


def get(access: Access, grant_id: UUID) -> Grant:
    access.must_own()
    with vault_scope(access.vault_id):
        return views(access.vault_id, [_row(access, grant_id)])[0]


def rename(access: Access, grant_id: UUID, name: str) -> Grant:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, grant_id)
        row.name = _checked_name(name)
        row.save(update_fields=["name"])
    return get(access, grant_id)


def change(
    access: Access,
    grant_id: UUID,
    *,
    rights: Mapping[UUID, Right],
    expires_at: datetime | None = None,
    confirmed_only: bool | None = None,
    later: bool | None = None,
    owner: OwnerKey | None = None,
    version: int | None = None,
) -> Grant:
    """From now on these rights, and no others; the token stays the same. Stale when `version` is
    given and the grant has another by now: somebody changed it since it was looked at.

    To take something away needs no more than an open session. To give more, also a longer time or
    a look at what is not confirmed or came later, needs `owner`: Refused without it.
    """
    access.must_own()
    wanted = _checked_rights(access, rights)
    with vault_scope(access.vault_id):
        grantkeys.hold(access.vault_id, wanted)
        row = _living_row(access, grant_id)
        if version not in (None, row.version):
            raise Stale(gettext("This grant was changed meanwhile. Look at it again."))
        before = views(access.vault_id, [row])[0]
        until = expires_at or row.expires_at
        strict = row.confirmed_only if confirmed_only is None else confirmed_only
        all_that_comes = before.later if later is None else later
        more = _wider(before.rights, wanted) or row.confirmed_only > strict
        more = more or all_that_comes > before.later or _later(until, row.expires_at)
        if more and owner is None:
            raise KeyNeeded(gettext("To give more than before, enter your password."))
        if until is not None and until != row.expires_at:
            expiry.check_later(row, until)
        row.expires_at, row.confirmed_only, row.version = until, strict, row.version + 1
        _set_rights(access, row, before.rights, wanted, owner, later=all_that_comes)
        row.save(update_fields=["expires_at", "confirmed_only", "version"])
        GrantSlot.objects.filter(vault_id=row.vault_id, grant_id=row.id, kind=tokens.API).update(
            expires_at=until
        )
        access_log.record(access, "changed", purpose=row.name)
    return get(access, grant_id)


def pause(access: Access, grant_id: UUID) -> Grant:
    """Refuse it until `resume`; its token stays. It loses its copies of keys meanwhile, so that who
    writes the database cannot resume it. `logged` is as for `revoke`."""
    access.must_own()
    with vault_scope(access.vault_id):
        row, logged = _living_row(access, grant_id), True
        if row.paused_at is None:
            GrantKey.objects.filter(vault_id=row.vault_id, grant_id=row.id).delete()
            row.paused_at = timezone.now()
            row.save(update_fields=["paused_at"])
            logged = access_log.record_if_possible(access, "paused", row.name)
    return replace(get(access, grant_id), logged=logged)


def resume(access: Access, grant_id: UUID, owner: OwnerKey) -> Grant:
    """Let it go on with what it was given and nobody took away since."""
    access.must_own()
    with vault_scope(access.vault_id):
        held = grantkeys.hold(access.vault_id, rights_of(access.vault_id, grant_id))
        row = _living_row(access, grant_id)
        if row.paused_at is not None:
            grantkeys.give_back(access, row, grantkeys.key_of(owner, row), held)
            row.paused_at = None
            row.save(update_fields=["paused_at"])
            access_log.record(access, "resumed", purpose=row.name)
    return get(access, grant_id)


def revoke(access: Access, grant_id: UUID) -> Grant:
    """Take it back: slots and wrapped keys are deleted, so the next call finds no key, and the
    grant's pepper is destroyed, so that no older copy of the database holds one either.

    It happens even when the access log cannot be continued; then the answer is not `logged`.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, grant_id, for_change=True)
        logged = True
        if row.revoked_at is None:
            end(access, [row])
            logged = access_log.record_if_possible(access, "revoked", row.name)
    return replace(get(access, grant_id), logged=logged)


def revoke_all(access: Access) -> list[Grant]:
    """Take back every grant at once: those that there were, each as `revoke` answers it."""
    access.must_own()
    with vault_scope(access.vault_id):
        live = Row.objects.filter(vault_id=access.vault_id, revoked_at=None)
        rows = list(live.order_by("id").select_for_update())
        end(access, rows)
        # The log last: whoever waits for it may hold what a grant has, like what its feed told it.
        logged = {r.id: access_log.record_if_possible(access, "revoked", r.name) for r in rows}
        return [replace(view, logged=logged[view.id]) for view in views(access.vault_id, rows)]


def end(access: Access, rows: Sequence[Row]) -> None:
    """Take back these grants, which are locked. Within a scope; the caller logs it, at the end."""
    mine = {"vault_id": access.vault_id, "grant_id__in": [row.id for row in rows]}
    GrantSlot.objects.filter(**mine).delete()
    GrantKey.objects.filter(**mine).delete()
    Told.objects.filter(**mine).delete()
    GrantRight.objects.filter(**mine).update(terms=None)
    Suggestion.objects.filter(**mine, settled=False).delete()
    Suggestion.objects.filter(**mine).update(settled=False)  # what it added waits for the owner
    for row in rows:
        row.revoked_at, row.owner_slot = timezone.now(), None
        row.save(update_fields=["revoked_at", "owner_slot"])
    transaction.on_commit(lambda: custodian().destroy_grants([row.id for row in rows]), robust=True)


def _set_rights(
    access: Access,
    row: Row,
    had: Mapping[UUID, Right],
    wanted: Mapping[UUID, Right],
    owner: OwnerKey | None,
    *,
    later: bool,
) -> None:
    grantkeys.take(row, had.keys() - wanted.keys())
    changed = {c: right for c, right in wanted.items() if had.get(c) != right}
    if owner is not None:  # all of them: the terms tell of the end and of what is confirmed, too
        grantkeys.give(access, row, grantkeys.key_of(owner, row), wanted, later=later)
        return
    if not later:
        grantkeys.stop_here(row)
    mine = {"vault_id": row.vault_id, "grant_id": row.id}
    for collection, right in changed.items():
        place = {**mine, "collection_id": collection}
        GrantRight.objects.filter(**place).update(see=right.see, add=right.add)
        if not right.see:
            GrantKey.objects.filter(**place).delete()


_ADDS: tuple[Add, ...] = ("no", "ask", "yes")


def _wider(had: Mapping[UUID, Right], wanted: Mapping[UUID, Right]) -> bool:
    def more(before: Right, after: Right) -> bool:
        return after.see > before.see or _ADDS.index(after.add) > _ADDS.index(before.add)

    return any(more(had.get(c, Right()), right) for c, right in wanted.items())


def _later(until: datetime | None, before: datetime | None) -> bool:
    return before is not None and (until is None or until > before)


def _row(access: Access, grant_id: UUID, *, for_change: bool = False) -> Row:
    rows = Row.objects.filter(vault_id=access.vault_id, id=grant_id)
    row = (rows.select_for_update() if for_change else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such grant."))
    return row


def _living_row(access: Access, grant_id: UUID) -> Row:
    row = _row(access, grant_id, for_change=True)
    if row.revoked_at is not None:
        raise Refused(gettext("This grant has ended. Make a new one."))
    return row


def _checked_rights(access: Access, rights: Mapping[UUID, Right]) -> dict[UUID, Right]:
    wanted = {c: right for c, right in rights.items() if right.see or right.add != "no"}
    if not wanted:
        raise Invalid(gettext("Tick at least one collection that it may see or add to."), "rights")
    access.narrowed(set(wanted))
    return wanted


def _checked_name(name: str) -> str:
    words = " ".join(clean(name).split())
    if not words:
        raise Invalid(gettext("Give it a name, such as “my assistant”."), "name")
    if len(words) > LONGEST_NAME:
        raise Invalid(
            gettext("A name has at most %(most)s characters.") % {"most": LONGEST_NAME}, "name"
        )
    return words
