"""Taking something away from a grant with a way back: for a few seconds, without the password."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Stale
from vault.granting import grantkeys, grants
from vault.log import access_log
from vault.models import CollectionKey, GrantKey, GrantRight
from vault.models import Grant as Row
from vault.scope import vault_scope
from vault.types import Grant, Right

SECONDS = 15
"""How long a way back leads back: what a page offers for ten, and the time it takes to answer."""
_SALT = "satchel.narrowing"


@dataclass(frozen=True, slots=True)
class Way:
    """The way back: what was taken away as it lay in the database, in two signed halves. `keys`,
    wrapped under the grant's, is for the owner's browser alone; `rights`, with terms that their
    owner sealed, may wait on the server."""

    keys: str
    rights: str


def narrow(
    access: Access, grant_id: UUID, *, rights: Mapping[UUID, Right], version: int
) -> tuple[Grant, Way]:
    """These rights from now on, none wider than before; the grant, and the way back for `restore`.
    It is kept nowhere here. KeyNeeded and Stale as for `grants.change`."""
    access.must_own()
    with vault_scope(access.vault_id):
        had = _as_it_lies(access, grant_id)
        after = grants.change(access, grant_id, rights=rights, version=version)
        lost = {one: right for one, right in had.items() if _changed(right, after, one)}
    mark = {"vault": str(access.vault_id), "grant": str(grant_id), "version": after.version}
    keys = {one: right.pop("keys") for one, right in lost.items()}
    return after, Way(_signed({**mark, "keys": keys}), _signed({**mark, "rights": lost}))


def restore(access: Access, way: Way) -> Grant:
    """What `narrow` took away is there again. Stale when that was too long ago, or when anything
    about the grant or the keys of these collections changed since."""
    access.must_own()
    keys, rights = _read(way.keys), _read(way.rights)
    mine = (str(access.vault_id), rights["grant"], rights["version"])
    if any((one["vault"], one["grant"], one["version"]) != mine for one in (keys, rights)):
        raise _too_late()
    grant_id = UUID(rights["grant"])
    with vault_scope(access.vault_id):
        _put_back(access, grant_id, {**rights, **keys})
    return grants.get(access, grant_id)


def _put_back(access: Access, grant_id: UUID, kept: Mapping[str, Any]) -> None:
    places = {UUID(one): right for one, right in kept["rights"].items()}
    held = {one.id: one.epoch for one in grantkeys.hold(access.vault_id, places)}
    row = Row.objects.filter(vault_id=access.vault_id, id=grant_id).select_for_update().first()
    if row is None or row.revoked_at is not None or row.version != kept["version"]:
        raise _too_late()
    if any(held.get(one) != right["epoch"] for one, right in places.items()):
        raise _too_late()
    grantkeys.take(row, set(places))
    there = CollectionKey.objects.filter(vault_id=row.vault_id, collection_id__in=places)
    left = set(there.values_list("collection_id", "epoch"))  # others were destroyed meanwhile
    for place, right in places.items():
        terms = base64.b64decode(right["terms"]) if right["terms"] else None
        said = {"see": right["see"], "add": right["add"], "upto": right["upto"]}
        mine = {"vault_id": row.vault_id, "grant_id": row.id, "collection_id": place}
        GrantRight.objects.create(**mine, **said, epoch=right["epoch"], terms=terms)
        for epoch, wrapped in [] if row.paused_at else kept["keys"][str(place)]:
            if (place, epoch) in left:
                GrantKey.objects.create(**mine, epoch=epoch, wrapped=base64.b64decode(wrapped))
    row.version += 1
    row.save(update_fields=["version"])
    access_log.record(access, "changed", purpose=row.name)


def _as_it_lies(access: Access, grant_id: UUID) -> dict[str, dict[str, Any]]:
    """What it has, by collection, behind the locks that `grants.change` takes, in their order."""
    mine = {"vault_id": access.vault_id, "grant_id": grant_id}
    places = GrantRight.objects.filter(**mine).values_list("collection_id", flat=True)
    grantkeys.hold(access.vault_id, list(places))
    Row.objects.filter(vault_id=access.vault_id, id=grant_id).select_for_update().first()
    had = {str(one.collection_id): _packed(one) for one in GrantRight.objects.filter(**mine)}
    for key in GrantKey.objects.filter(**mine, collection_id__in=had):
        had[str(key.collection_id)]["keys"].append((key.epoch, _text(key.wrapped)))
    return had


def _packed(right: GrantRight) -> dict[str, Any]:
    terms = _text(right.terms) if right.terms is not None else ""
    said = {"see": right.see, "add": right.add, "epoch": right.epoch, "upto": right.upto}
    return {**said, "terms": terms, "keys": []}


def _changed(had: Mapping[str, Any], now: Grant, place: str) -> bool:
    return now.rights.get(UUID(place)) != Right(had["see"], had["add"])


def _signed(part: Mapping[str, Any]) -> str:
    return signing.dumps(part, salt=_SALT, compress=True)


def _read(part: str) -> Any:
    try:
        return signing.loads(part, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise _too_late() from None


def _text(data: Any) -> str:
    return base64.b64encode(bytes(data)).decode()


def _too_late() -> Stale:
    return Stale(gettext("It is too late to undo this. Change it back with your password."))
