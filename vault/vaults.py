"""A person's vault: make it, unlock it, lock it, change what opens it."""

from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from vault import access as accesses
from vault.access import Access
from vault.collections import make_first_collections
from vault.errors import NotFound, Tampered, WrongSecret
from vault.ids import new_id
from vault.integrity import vaultmanifest
from vault.keys import hashers, slots, ways_in
from vault.keys.keyring import Key, Keyring, unwrap_collection
from vault.keys.slots import NoWay
from vault.keys.vaultkey import OwnerKey
from vault.log.log_chain import Chain
from vault.log.log_keys import log_pair, new_log
from vault.models import CollectionKey, JobSlot, KeySlot, LogHead, SessionSlot, Vault
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import NewVault, OpenSession


def vault_of(owner_id: int) -> UUID | None:
    return Vault.objects.filter(owner_id=owner_id).values_list("id", flat=True).first()


def create(*, owner_id: int, password: str, password_hash: str) -> NewVault:
    """A vault with two slots (password, recovery code) and its first collections."""
    vault_id, key, code = new_id(), Key.generate(), slots.recovery_code()
    chain_key = slots.log_chain_key(vault_id)
    with transaction.atomic():
        Vault.objects.create(id=vault_id, owner_id=owner_id)
        with vault_scope(vault_id):
            _add_password_slot(vault_id, key, password, password_hash)
            _add_recovery_slot(vault_id, key, code)
            make_first_collections(vault_id, key)
            public, private = new_log(vault_id, key)
            Chain.begin(vault_id, public, private, key=chain_key)
    return NewVault(vault_id, code)


def unlock(*, owner_id: int, password: str, password_hash: str) -> OpenSession:
    """Open a session with the password. WrongSecret when it does not open the vault."""
    owner = owner_key(owner_id=owner_id, password=password, password_hash=password_hash)
    return open_with(owner)


def unlock_with_recovery(*, owner_id: int, code: str) -> OpenSession:
    """Open a session with the recovery code. WrongSecret when it does not open the vault."""
    return open_with(recover(owner_id=owner_id, code=code))


def owner_key(*, owner_id: int, password: str, password_hash: str) -> OwnerKey:
    """Step-up: the vault key itself, for grants, collections and slots. WrongSecret otherwise."""
    vault_id = _must_have_vault(owner_id)
    with vault_scope(vault_id):
        for slot in KeySlot.objects.filter(vault_id=vault_id, kind=KeySlot.Kind.PASSWORD):
            try:
                key = slots.open_password(password, slot.header, vault_id, slot.id, slot.sealed)
            except NoWay:
                continue
            if slot.header != hashers.header_of(password_hash):
                _renew_password_slot(slot, key, password, password_hash)
            return OwnerKey(vault_id, key, slot.id)
    raise WrongSecret(gettext("This password does not open your vault."))


def recover(*, owner_id: int, code: str) -> OwnerKey:
    """The vault key by the recovery code."""
    vault_id = _must_have_vault(owner_id)
    reason = "This recovery code does not open your vault."
    with vault_scope(vault_id):
        for slot in KeySlot.objects.filter(vault_id=vault_id, kind=KeySlot.Kind.RECOVERY):
            try:
                key = slots.open_recovery(code, vault_id, slot.id, slot.sealed)
            except NoWay as no_way:
                reason = str(no_way)
            else:
                return OwnerKey(vault_id, key, slot.id)
    raise WrongSecret(reason)


def lock(access: Access) -> None:
    """End this session: its cookie opens nothing from now on."""
    access.must_own()
    with vault_scope(access.vault_id):
        SessionSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id).delete()
    sealed.close(access.vault_id)


def lock_everywhere(access: Access) -> None:
    """End every open session of this vault, and take the keys from what works in the background:
    the owner can let that go on after unlocking."""
    access.must_own()
    with vault_scope(access.vault_id):
        _lock_all(access.vault_id)
    sealed.close(access.vault_id)


def recovery_confirmed(access: Access) -> bool:
    access.must_own()
    confirmed = Vault.objects.values_list("recovery_confirmed_at", flat=True)
    return confirmed.get(id=access.vault_id) is not None


def confirm_recovery(access: Access, code: str) -> None:
    """The owner types the code back, which proves that it was kept. WrongSecret if it was not."""
    access.must_own()
    vault = Vault.objects.get(id=access.vault_id)
    recover(owner_id=vault.owner_id, code=code)
    Vault.objects.filter(id=vault.id).update(recovery_confirmed_at=timezone.now())


def new_recovery_code(owner: OwnerKey) -> str:
    """A new code; the old one opens nothing from now on."""
    code = slots.recovery_code()
    with vault_scope(owner.vault_id):
        ways_in.hold(owner)
        mine = KeySlot.objects.filter(vault_id=owner.vault_id)
        mine.filter(kind=KeySlot.Kind.RECOVERY).delete()
        _add_recovery_slot(owner.vault_id, owner.key, code)
        Vault.objects.filter(id=owner.vault_id).update(recovery_confirmed_at=None)
    return code


def change_password(
    *, owner_id: int, old_password: str, old_hash: str, new_password: str, new_hash: str
) -> OpenSession:
    """The new password opens the vault and the old one no more; every other session is locked,
    and background work has no keys until the owner lets it go on."""
    owner = owner_key(owner_id=owner_id, password=old_password, password_hash=old_hash)
    return adopt_password(owner, password=new_password, password_hash=new_hash)


def adopt_password(owner: OwnerKey, *, password: str, password_hash: str) -> OpenSession:
    """Make the login's password open the vault, as after a reset by e-mail and a recovery code."""
    with vault_scope(owner.vault_id):
        ways_in.hold(owner)
        mine = KeySlot.objects.filter(vault_id=owner.vault_id)
        mine.filter(kind=KeySlot.Kind.PASSWORD).delete()
        slot_id = _add_password_slot(owner.vault_id, owner.key, password, password_hash)
        _lock_all(owner.vault_id)
    return open_with(replace(owner, slot_id=slot_id))


def _must_have_vault(owner_id: int) -> UUID:
    vault_id = vault_of(owner_id)
    if vault_id is None:
        raise NotFound(gettext("There is no vault for this account yet."))
    return vault_id


def open_with(owner: OwnerKey) -> OpenSession:
    """Open a session. Tampered when the list of its collections is not what it must be, WrongSecret
    when what opened the vault was replaced meanwhile. Without the key of the access log when that
    is lost: `log_lost` says so, and begins another."""
    with vault_scope(owner.vault_id):
        # A rotation or another password waits until this session is there, or we until that is.
        vault = ways_in.hold(owner)
        keys = CollectionKey.objects.filter(vault_id=vault.id)
        roots = {
            (row.collection_id, row.epoch): unwrap_collection(
                vault.id, owner.key, row.collection_id, row.epoch, row.wrapped
            )
            for row in keys
        }
        vaultmanifest.check(vault.id, owner.key)
        return accesses.start_session(vault, Keyring(vault.id, roots, _log_key(owner)))


def _log_key(owner: OwnerKey) -> bytes | None:
    """None unless it is the one that lines are sealed to."""
    head = LogHead.objects.filter(vault_id=owner.vault_id, id=owner.vault_id).first()
    if head is None:
        return None
    try:
        public, private = log_pair(owner.vault_id, owner.key, head.private_key)
    except Tampered:
        return None
    return private if public == bytes(head.public_key) else None


def _lock_all(vault_id: UUID) -> None:
    """Sessions first: whoever starts a job holds its session, so that no job slips through."""
    SessionSlot.objects.filter(vault_id=vault_id).delete()
    JobSlot.objects.filter(vault_id=vault_id).delete()


def _add_password_slot(vault_id: UUID, key: Key, password: str, password_hash: str) -> UUID:
    slot_id = new_id()
    KeySlot.objects.create(
        vault_id=vault_id,
        id=slot_id,
        kind=KeySlot.Kind.PASSWORD,
        header=hashers.header_of(password_hash),
        sealed=slots.password_slot(password, password_hash, vault_id, slot_id, key),
    )
    return slot_id


def _add_recovery_slot(vault_id: UUID, key: Key, code: str) -> None:
    slot_id = new_id()
    sealed = slots.recovery_slot(code, vault_id, slot_id, key)
    KeySlot.objects.create(vault_id=vault_id, id=slot_id, kind=KeySlot.Kind.RECOVERY, sealed=sealed)


def _renew_password_slot(slot: KeySlot, key: Key, password: str, password_hash: str) -> None:
    """After the login's parameters or salt changed: one derivation again opens both."""
    if not hashers.matches(password, password_hash):
        return  # the login was reset by e-mail; the old password still opens the vault
    sealed = slots.password_slot(password, password_hash, slot.vault_id, slot.id, key)
    mine = KeySlot.objects.filter(vault_id=slot.vault_id, id=slot.id)
    if not mine.update(header=hashers.header_of(password_hash), sealed=sealed):
        # Another password took its place meanwhile: this one must not come back.
        raise WrongSecret(gettext("This password does not open your vault."))
