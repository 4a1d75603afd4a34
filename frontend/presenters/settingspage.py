"""What stands on the page of settings: each thing to be set, and how it is set now."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from frontend.forms.search import model_name
from frontend.signin import passkeys
from frontend.signin.secondstep import has_app
from sync.distilling import model
from vault import collections, vaults
from vault.access import Access
from vault.embedding import embedders
from vault.errors import Stale, Tampered
from vault.granting import grants
from vault.keys import sessions, ways_in


@dataclass(frozen=True, slots=True)
class Passkeys:
    """`opening`: how many of them open the vault, too."""

    count: int
    opening: int


@dataclass(frozen=True, slots=True)
class Models:
    """Names of the models in use; "" for none, None for what cannot be read. `leaves`: the one for
    search is on another server."""

    search: str | None
    leaves: bool
    distilling: str | None


def context(user: AbstractBaseUser, access: Access) -> dict[str, Any]:
    mine = passkeys.listing(user, access)
    active = [grant for grant in grants.listing(access) if grant.state == "active"]
    return {
        "recovery_confirmed": vaults.recovery_confirmed(access),
        "password_opens": ways_in.opens_with_login(access, user.password),
        "passkeys": Passkeys(len(mine), sum(bool(one.slot_id) for one in mine)),
        "has_app": has_app(user),
        "sessions": sessions.listing(access),
        "collections": collections.listing(access),
        "tokens": sum(grant.kind == "token" for grant in active),
        "apps": sum(grant.kind == "app" for grant in active),
        "models": models(access),
    }


def models(access: Access) -> Models:
    kept = model.get(access)
    chosen = kept.choice if kept else None
    distilling = "" if kept is None else chosen.model if chosen else None
    try:
        now = embedders.chosen(access).now
    except (Stale, Tampered):
        return Models(None, False, distilling)
    return Models(model_name(now), now.leaves, distilling)
