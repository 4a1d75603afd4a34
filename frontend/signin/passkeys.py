"""A person's passkeys: the half that signs in, which allauth keeps, and the half that opens the
vault. Most devices give both; some give only the first."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from frontend.signin.passkeyproof import id_of
from vault.access import Access
from vault.errors import Invalid, NotFound
from vault.keys import passkeys
from vault.keys.vaultkey import OwnerKey


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey. `mark` names it in addresses; `slot_id` is None when it does not open the
    vault, `login_id` when it does not sign in."""

    mark: str
    name: str
    added_at: datetime
    used_at: datetime | None
    slot_id: UUID | None
    login_id: int | None


def listing(user: AbstractBaseUser, access: Access) -> list[Passkey]:
    """Every passkey of the person, the oldest first."""
    ways = {way.credential: way for way in passkeys.listing(access)}
    found = []
    for login in _logins(user):
        way = ways.pop(id_of(login), None)
        used = max((t for t in (login.last_used_at, way and way.used_at) if t), default=None)
        name, slot_id = login.wrap().name, way.id if way else None
        found.append(_passkey(id_of(login), name, login.created_at, used, slot_id, login.pk))
    for way in ways.values():
        found.append(_passkey(way.credential, way.name, way.since, way.used_at, way.id, None))
    return sorted(found, key=lambda passkey: passkey.added_at)


def find(user: AbstractBaseUser, access: Access, mark: str) -> Passkey:
    for passkey in listing(user, access):
        if passkey.mark == mark:
            return passkey
    raise NotFound(gettext("There is no such passkey."))


@sensitive_variables()
def add(
    user: AbstractBaseUser,
    access: Access,
    owner: OwnerKey,
    *,
    name: str,
    credential: dict[str, Any],
    credential_id: bytes,
    prf_output: bytes,
) -> Passkey:
    """From now on it signs in and, where its device gave an output, opens the vault."""
    name, slot_id = passkeys.checked_name(name), None
    with transaction.atomic():
        login = auth.WebAuthn.add(user, name, credential).instance
        if prf_output:
            said = {"credential_id": credential_id, "prf_output": prf_output}
            slot_id = passkeys.add(access, owner, **said, name=name).id
    return _passkey(credential_id, name, login.created_at, None, slot_id, login.pk)


def rename(user: AbstractBaseUser, access: Access, passkey: Passkey, name: str) -> None:
    name = passkeys.checked_name(name)
    with transaction.atomic():
        if passkey.slot_id is not None:
            passkeys.rename(access, passkey.slot_id, name)
        for login in _logins(user).filter(pk=passkey.login_id):
            login.wrap().name = name
            login.save(update_fields=["data"])


def remove(user: AbstractBaseUser, access: Access, owner: OwnerKey, passkey: Passkey) -> None:
    """It neither signs in nor opens the vault from now on."""
    with transaction.atomic():
        if passkey.slot_id is not None:
            passkeys.remove(access, owner, passkey.slot_id)
        _logins(user).filter(pk=passkey.login_id).delete()


def to_sign_in() -> dict[str, Any]:
    """What a stranger's browser is to ask its device for."""
    return _asked(auth.begin_authentication(user=None))


def to_open(user: AbstractBaseUser) -> dict[str, Any]:
    """What the browser of someone signed in is to ask for: one of the passkeys that open the
    vault."""
    asked = _asked(auth.begin_authentication(user=user))
    wanted = {_text(credential) for credential in passkeys.credentials(user.pk)}
    public = asked["options"]["publicKey"]
    public["allowCredentials"] = [c for c in public["allowCredentials"] if c["id"] in wanted]
    return asked


def to_make(user: AbstractBaseUser) -> dict[str, Any]:
    """What the browser is to make a new passkey of. Invalid when there are too many already."""
    if _logins(user).count() >= passkeys.MOST:
        words = gettext("There are %(most)s passkeys already. Remove one first.")
        raise Invalid(words % {"most": passkeys.MOST})
    return _asked(auth.begin_registration(user, passwordless=True))


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    return {"options": options, "salt": _text(passkeys.prf_salt())}


def _logins(user: AbstractBaseUser) -> Any:
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN)


def _passkey(
    credential: bytes,
    name: str,
    added: datetime,
    used: datetime | None,
    slot_id: UUID | None,
    login_id: int | None,
) -> Passkey:
    mark = hashlib.sha256(credential).hexdigest()[:32]
    return Passkey(mark, name, added, used, slot_id, login_id)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
