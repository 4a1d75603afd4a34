"""What a grantee sees, looked at by the owner: before it is given anything, and afterwards."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Refused
from vault.granting import families, grants
from vault.granting.grantviews import bounds_of
from vault.granting.scopes import SEE
from vault.keys.keyring import only
from vault.models import GrantKey
from vault.scope import vault_scope
from vault.types import Grant, Right


def seen_with(
    access: Access,
    rights: Mapping[UUID, Right],
    *,
    confirmed_only: bool = False,
    later: bool = True,
    grant: Grant | None = None,
) -> Access:
    """What a grantee with these rights would see at this moment; who has a `grant` already and is
    not to see what comes later, only what it saw until now. Nothing can be changed with it, and
    nothing that is read with it is logged.

    NotFound for a collection that is not the owner's.
    """
    access.must_own()
    seen = access.narrowed({place for place, right in rights.items() if right.see})
    return replace(
        access,
        rights={place: Right(see=True) for place in seen},
        keyring=only(access.keyring, seen),
        letterboxes={},
        session_key=None,
        confirmed_only=confirmed_only,
        upto=_bounds(access, grant) if grant and not later else {},
        eyes=grant.id if grant else None,
        looking=True,
    )


def seen_by(access: Access, grant_id: UUID) -> Access:
    """What this grant lets its grantee see at this moment, as `seen_with`; of one that is paused,
    what it would see if it were resumed. Refused for one that has ended.

    It goes by the rows of the grant: what is sealed with it, which only its token opens, may say
    less, never more.
    """
    grant = grants.get(access, grant_id)
    if grant.state not in ("active", "paused"):
        raise Refused(gettext("This grant has ended: it sees nothing any more."))
    rights = dict(grant.rights)
    if grant.state == "active":
        held = _keys(access, grant_id)
        rights = {place: right for place, right in rights.items() if place in held}
    scopes = families.scopes(access, grant_id)
    if grant.kind == "app" and scopes and SEE not in scopes:
        rights = {}
    strict, later = grant.confirmed_only, grant.later
    return seen_with(access, rights, confirmed_only=strict, later=later, grant=grant)


def _bounds(access: Access, grant: Grant) -> dict[UUID, int]:
    """What it sees now or is given anew has none: of that it is to see all that there is."""
    with vault_scope(access.vault_id):
        bounds = bounds_of(access.vault_id, grant.id)
    return {place: seq for place, seq in bounds.items() if grant.rights[place].see}


def _keys(access: Access, grant_id: UUID) -> set[UUID]:
    """The collections whose key was handed over: without it there is nothing to see."""
    with vault_scope(access.vault_id):
        mine = GrantKey.objects.filter(vault_id=access.vault_id, grant_id=grant_id)
        return set(mine.values_list("collection_id", flat=True))
