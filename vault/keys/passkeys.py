"""Passkeys as a way into the vault: what a device computes from our salt becomes a key.

That output never leaves the device unless its owner is there and proves it (WebAuthn's `prf`). Here
it is a secret like a password: it is used at once and kept nowhere.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from vault import vaults
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, WrongSecret
from vault.ids import new_id
from vault.keys import slots, ways_in
from vault.keys.slots import NoWay
from vault.keys.vaultkey import OwnerKey
from vault.keys.ways_in import LASTING, WayIn
from vault.log import access_log
from vault.models import KeySlot
from vault.scope import vault_scope
from vault.text import clean
from vault.types import OpenSession

MOST = 20
"""Passkeys of one vault."""
LONGEST_NAME = 80
LONGEST_CREDENTIAL = 1023
"""Bytes in a credential's id, as WebAuthn has it."""
_SALT = b"satchel/v1/passkey"


def prf_salt() -> bytes:
    """What a device is asked to compute its output from, the same for every vault: at sign-in it
    is asked before anybody knows whose vault it is. The vault's id goes into the key instead."""
    return _SALT


@sensitive_variables()
def add(
    access: Access, owner: OwnerKey, *, credential_id: bytes, prf_output: bytes, name: str
) -> WayIn:
    """From now on this passkey opens the vault as well. Invalid for an output that is none, a
    passkey that opens it already, or one too many."""
    access.must_own()
    words = checked_name(name)
    if not 0 < len(credential_id) <= LONGEST_CREDENTIAL:
        raise Invalid(
            gettext("This passkey has no usable id. Try another device."), "credential_id"
        )
    with vault_scope(owner.vault_id):
        ways_in.hold(owner)
        _check_room(owner.vault_id, credential_id)
        row = KeySlot(vault_id=owner.vault_id, id=new_id(), kind=KeySlot.Kind.PASSKEY)
        row.name, row.credential = words, credential_id
        row.sealed = _slot(owner, row.id, credential_id, prf_output)
        row.save(force_insert=True)
        access_log.record(access, "passkey added", purpose=words)
    return WayIn(row.id, "passkey", words, row.created_at, None, credential_id)


def listing(access: Access) -> list[WayIn]:
    """The passkeys that open this vault, the oldest first."""
    return [way for way in ways_in.listing(access) if way.kind == "passkey"]


def rename(access: Access, slot_id: UUID, name: str) -> None:
    access.must_own()
    words = checked_name(name)
    with vault_scope(access.vault_id):
        if not _passkeys(access.vault_id).filter(id=slot_id).update(name=words):
            raise _no_such()


def remove(access: Access, owner: OwnerKey, slot_id: UUID) -> None:
    """It opens nothing from now on. Takes the vault's key, so that an open session alone cannot
    shut its owner out; Refused when password and recovery code would not both be left."""
    access.must_own()
    if owner.vault_id != access.vault_id:
        raise _no_such()
    with vault_scope(access.vault_id):
        row = _passkeys(access.vault_id).filter(id=slot_id).select_for_update().first()
        if row is None:
            raise _no_such()
        row.delete()
        access_log.record(access, "passkey removed", purpose=row.name)
        left = KeySlot.objects.filter(vault_id=access.vault_id).values_list("kind", flat=True)
        if LASTING - set(left):
            raise Refused(
                gettext("Make a new recovery code first: a vault always keeps two ways in.")
            )


def credentials(owner_id: int) -> list[bytes]:
    """Ids of the passkeys that open this person's vault: which ones to ask the browser for."""
    vault_id = vaults.vault_of(owner_id)
    if vault_id is None:
        return []
    with vault_scope(vault_id):
        rows = _passkeys(vault_id).order_by("created_at").values_list("credential", flat=True)
        return [bytes(credential) for credential in rows if credential is not None]


def unlock(*, owner_id: int, credential_id: bytes, prf_output: bytes) -> OpenSession:
    """Open a session with a passkey. WrongSecret when it does not open the vault."""
    owner = owner_key(owner_id=owner_id, credential_id=credential_id, prf_output=prf_output)
    return vaults.open_with(owner)


@sensitive_variables()
def owner_key(*, owner_id: int, credential_id: bytes, prf_output: bytes) -> OwnerKey:
    """Step-up: the vault key, by a passkey. WrongSecret for an unknown passkey and for a wrong
    output alike; NotFound without a vault."""
    vault_id = vaults.vault_of(owner_id)
    if vault_id is None:
        raise NotFound(gettext("There is no vault for this account yet."))
    with vault_scope(vault_id):
        for row in _passkeys(vault_id).filter(credential=credential_id):
            try:
                key = slots.open_passkey(prf_output, credential_id, vault_id, row.id, row.sealed)
            except NoWay:
                continue
            _passkeys(vault_id).filter(id=row.id).update(used_at=timezone.now())
            return OwnerKey(vault_id, key, row.id)
    raise WrongSecret(gettext("This passkey does not open your vault."))


@sensitive_variables()
def _slot(owner: OwnerKey, slot_id: UUID, credential_id: bytes, prf_output: bytes) -> bytes:
    try:
        return slots.passkey_slot(prf_output, credential_id, owner.vault_id, slot_id, owner.key)
    except NoWay as error:
        raise Invalid(str(error), "prf_output") from None


def _check_room(vault_id: UUID, credential_id: bytes) -> None:
    mine = _passkeys(vault_id)
    if mine.filter(credential=credential_id).exists():
        raise Invalid(gettext("This passkey opens your vault already."), "credential_id")
    if mine.count() >= MOST:
        raise Invalid(
            gettext("A vault has at most %(most)s passkeys. Remove one first.") % {"most": MOST},
            "credential_id",
        )


def _passkeys(vault_id: UUID) -> QuerySet[KeySlot]:
    return KeySlot.objects.filter(vault_id=vault_id, kind=KeySlot.Kind.PASSKEY)


def _no_such() -> NotFound:
    return NotFound("There is no such passkey.")


def checked_name(name: str) -> str:
    """As it is stored. Invalid when it is empty or too long."""
    words = " ".join(clean(name).split())
    if not words:
        raise Invalid(gettext("Give the passkey a name, such as “my phone”."), "name")
    if len(words) > LONGEST_NAME:
        raise Invalid(
            gettext("A name has at most %(most)s characters.") % {"most": LONGEST_NAME}, "name"
        )
    return words
