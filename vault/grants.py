"""Grants: who may see and add what, until when; made, listed and revoked by the owner."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from django.utils import timezone

from vault import access_log, slots
from vault.access import LONGEST_LIFE, TOKEN_PREFIX, Access, new_token
from vault.errors import Invalid, NotFound
from vault.ids import new_id
from vault.keyring import Key, seal_terms, wrap_collection
from vault.models import Collection, GrantRight, GrantSlot, Suggestion
from vault.models import Grant as Row
from vault.scope import vault_scope
from vault.slots import token_hash
from vault.text import clean
from vault.types import Add, Grant, GrantKind, Right
from vault.vaultkey import OwnerKey

LONGEST_NAME = 120


def create_token(
    access: Access,
    owner: OwnerKey,
    *,
    name: str,
    rights: Mapping[UUID, Right],
    expires_at: datetime,
) -> tuple[Grant, str]:
    """A grant with an API token. The token is answered once and kept nowhere."""
    access.must_own()
    wanted = _checked_rights(access, rights)
    _check_expiry(expires_at)
    token, key, now = new_token(access.vault_id), Key.generate(), timezone.now()
    with vault_scope(access.vault_id):
        row = Row(vault_id=access.vault_id, kind=Row.Kind.TOKEN, name=_checked_name(name))
        row.created_at, row.expires_at = now, expires_at
        row.owner_slot = slots.owner_slot(owner.key, access.vault_id, row.id, key)
        row.save(force_insert=True)
        _add_rights(access, row, key, wanted)
        _add_slot(row, key, token, now, expires_at)
        access_log.record(access, "granted", purpose=row.name)
    return _view(row, wanted), token


def listing(access: Access) -> list[Grant]:
    """Every grant, the newest first; revoked ones too, so that it is seen that they are gone."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = list(Row.objects.filter(vault_id=access.vault_id).order_by("-created_at"))
        rights = _rights_of(access, [row.id for row in rows])
    return [_view(row, rights.get(row.id, {})) for row in rows]


def get(access: Access, grant_id: UUID) -> Grant:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, grant_id)
        return _view(row, _rights_of(access, [row.id]).get(row.id, {}))


def rename(access: Access, grant_id: UUID, name: str) -> Grant:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, grant_id)
        row.name = _checked_name(name)
        row.save(update_fields=["name"])
    return get(access, grant_id)


def revoke(access: Access, grant_id: UUID) -> Grant:
    """Take it back: the slots and wrapped keys are deleted, so the next call finds no key."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, grant_id)
        if row.revoked_at is None:
            mine = {"vault_id": access.vault_id, "grant_id": grant_id}
            GrantSlot.objects.filter(**mine).delete()
            GrantRight.objects.filter(**mine).update(wrapped=None, terms=None)
            Suggestion.objects.filter(**mine, settled=False).delete()
            row.revoked_at, row.owner_slot = timezone.now(), None
            row.save(update_fields=["revoked_at", "owner_slot"])
            access_log.record(access, "revoked", purpose=row.name)
    return get(access, grant_id)


def _row(access: Access, grant_id: UUID) -> Row:
    row = Row.objects.filter(vault_id=access.vault_id, id=grant_id).first()
    if row is None:
        raise NotFound("There is no such grant.")
    return row


def _checked_rights(access: Access, rights: Mapping[UUID, Right]) -> dict[UUID, Right]:
    wanted = {c: right for c, right in rights.items() if right.see or right.add != "no"}
    if not wanted:
        raise Invalid("Tick at least one collection that it may see or add to.", "rights")
    access.narrowed(set(wanted))
    return wanted


def _check_expiry(expires_at: datetime) -> None:
    now = timezone.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid("Choose an end between now and a year from now.", "expires_at")


def _checked_name(name: str) -> str:
    words = " ".join(clean(name).split())
    if not words:
        raise Invalid("Give it a name, such as “my assistant”.", "name")
    if len(words) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters.", "name")
    return words


def _add_rights(access: Access, row: Row, key: Key, rights: Mapping[UUID, Right]) -> None:
    collections = Collection.objects.filter(vault_id=row.vault_id, id__in=rights)
    for collection in collections:
        right, epoch = rights[collection.id], collection.epoch
        place = (row.vault_id, key, collection.id, epoch)
        root = access.keyring.root(collection.id, epoch)
        GrantRight.objects.create(
            vault_id=row.vault_id,
            grant_id=row.id,
            collection_id=collection.id,
            see=right.see,
            add=right.add,
            epoch=epoch,
            wrapped=wrap_collection(*place, root) if right.see else None,
            terms=_terms(access, row, key, collection),
        )


def _terms(access: Access, row: Row, key: Key, collection: Collection) -> bytes:
    # The letterbox goes in under the grant's key: whoever writes the database cannot swap it.
    place = (collection.id, collection.epoch, "name", collection.id, collection.epoch)
    name = access.keyring.open(*place, collection.sealed_name).decode()
    terms = {"name": name, "public": bytes(collection.public_key).hex()}
    data = json.dumps(terms).encode()
    return seal_terms(key, row.vault_id, row.id, collection.id, data)


def _add_slot(row: Row, key: Key, token: str, now: datetime, expires_at: datetime) -> None:
    raw = base64.urlsafe_b64decode(token.removeprefix(TOKEN_PREFIX))
    slot_id = new_id()
    GrantSlot.objects.create(
        vault_id=row.vault_id,
        id=slot_id,
        grant_id=row.id,
        kind="api-token",
        token_hash=token_hash(raw),
        pepper_day=now.date(),
        sealed=slots.token_slot("api-token", raw, now.date(), row.vault_id, slot_id, key),
        expires_at=expires_at,
    )


def _rights_of(access: Access, grant_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, Right]]:
    found: dict[UUID, dict[UUID, Right]] = {}
    rows = GrantRight.objects.filter(vault_id=access.vault_id, grant_id__in=list(grant_ids))
    for row in rows:
        add: Add = "yes" if row.add == "yes" else "ask" if row.add == "ask" else "no"
        found.setdefault(row.grant_id, {})[row.collection_id] = Right(row.see, add)
    return found


def _view(row: Row, rights: Mapping[UUID, Right]) -> Grant:
    expired = row.expires_at is not None and row.expires_at <= timezone.now()
    return Grant(
        id=row.id,
        kind=cast(GrantKind, row.kind),
        name=row.name,
        rights=rights,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        state="revoked" if row.revoked_at else "expired" if expired else "active",
    )
