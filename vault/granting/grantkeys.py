"""What a grant holds: its key, under a token and its owner's, and those of collections."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Refused, Tampered
from vault.granting import terms
from vault.granting.terms import Terms
from vault.integrity import traits
from vault.keys import slots
from vault.keys.keyring import Key, tampered, unwrap_collection, wrap_collection
from vault.keys.slots import NoWay
from vault.keys.vaultkey import OwnerKey
from vault.models import Collection, CollectionKey, Grant, GrantKey, GrantRight, Vault
from vault.types import Right


def key_of(owner: OwnerKey, row: Grant) -> Key:
    """The grant's key, through its owner's slot. Refused for a grant that was revoked."""
    if row.owner_slot is None:
        raise Refused(gettext("This grant has ended. Make a new one."))
    try:
        return slots.open_owner_slot(owner.key, row.vault_id, row.id, row.owner_slot)
    except NoWay:
        raise tampered() from None


def give(
    access: Access, row: Grant, key: Key, rights: Mapping[UUID, Right], *, later: bool = True
) -> None:
    """Set these rights of a grant, and hand it the keys that they need, of every epoch; while it is
    paused, `give_back` does that. Unless `later`, it is to see of each collection what is there
    now; where it saw up to an earlier moment, that stays."""
    held = hold(row.vault_id, rights)
    bounds = {} if later else _bounds(row, key, rights)
    traits.of(access, rights)  # its name is what the owner saw when they chose it
    for collection in held:
        right = rights[collection.id]
        take(row, {collection.id})
        GrantRight.objects.create(
            vault_id=row.vault_id,
            grant_id=row.id,
            collection_id=collection.id,
            see=right.see,
            add=right.add,
            epoch=collection.epoch,
            terms=_terms(access, row, key, collection, right, bounds.get(collection.id)),
            upto=bounds.get(collection.id),
        )
        if right.see and row.paused_at is None:
            _hand_all(access, row, key, collection.id)


def give_back(access: Access, row: Grant, key: Key, held: Iterable[Collection]) -> None:
    """Hand it the keys again that it had before a pause; what its terms do not say it never had."""
    GrantKey.objects.filter(vault_id=row.vault_id, grant_id=row.id).delete()
    epochs = {collection.id: collection.epoch for collection in held}
    for right in GrantRight.objects.filter(vault_id=row.vault_id, grant_id=row.id):
        if right.see and terms.read(key, right).right.see:
            # KeyChanged when it was rotated, or given more, since this session was opened.
            access.keyring.root(right.collection_id, epochs.get(right.collection_id, 0))
            _hand_all(access, row, key, right.collection_id)


def stop_here(row: Grant) -> None:
    """It sees no more than what is there now, where it saw all that comes; this needs no key."""
    mine = GrantRight.objects.filter(vault_id=row.vault_id, grant_id=row.id, upto=None)
    mine.update(upto=_now(row.vault_id))


def _bounds(row: Grant, key: Key, collections: Iterable[UUID]) -> dict[UUID, int]:
    """Up to which change of the vault a grant without later memories sees each collection."""
    mine = GrantRight.objects.filter(vault_id=row.vault_id, grant_id=row.id, see=True)
    had = {one.collection_id: terms.bound(one, terms.read(key, one)) for one in mine}
    now = _now(row.vault_id)
    return {one: now if (n := had.get(one)) is None else n for one in collections}


def _now(vault_id: UUID) -> int:
    """Numbers of changes are given out behind the lock of the vault's row, which is held until the
    commit: whatever has a lower one is there to be seen, and all that comes gets a higher one."""
    return Vault.objects.values_list("seq", flat=True).get(id=vault_id)


def hold(vault_id: UUID, collections: Iterable[UUID]) -> list[Collection]:
    """These collections, locked: a rotation waits. Before the grant, as a rotation does it."""
    rows = Collection.objects.filter(vault_id=vault_id, id__in=list(collections))
    return list(rows.order_by("id").select_for_update())


def _hand_all(access: Access, row: Grant, key: Key, collection: UUID) -> None:
    for epoch in _epochs_that_exist(access, collection):
        hand_over(access, row, key, collection, epoch)


def _epochs_that_exist(access: Access, collection: UUID) -> list[int]:
    keys = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    there = set(keys.values_list("epoch", flat=True))
    return [epoch for epoch in access.keyring.epochs(collection) if epoch in there]


def hand_over(access: Access, row: Grant, key: Key, collection: UUID, epoch: int) -> None:
    """Wrap the collection's key of one epoch under the grant's."""
    root = access.keyring.root(collection, epoch)
    GrantKey.objects.create(
        vault_id=row.vault_id,
        grant_id=row.id,
        collection_id=collection,
        epoch=epoch,
        wrapped=wrap_collection(row.vault_id, key, collection, epoch, root),
    )


def has_key(row: Grant, key: Key, collection: UUID, epoch: int) -> bool:
    """Whether it holds that key, whatever the columns say that it may: not while it is paused."""
    place = {"vault_id": row.vault_id, "grant_id": row.id, "collection_id": collection}
    wrapped = GrantKey.objects.filter(**place, epoch=epoch).values_list("wrapped", flat=True)
    try:
        return any(unwrap_collection(row.vault_id, key, collection, epoch, w) for w in wrapped)
    except Tampered:
        return False


def take(row: Grant, collections: set[UUID]) -> None:
    """Take back these collections: the grant's copies of their keys, and what it knows of them."""
    mine = {"vault_id": row.vault_id, "grant_id": row.id, "collection_id__in": collections}
    GrantKey.objects.filter(**mine).delete()
    GrantRight.objects.filter(**mine).delete()


def renew_terms(access: Access, row: Grant, key: Key, collection: Collection) -> None:
    """After the collection's letterbox or name changed."""
    mine = GrantRight.objects.filter(vault_id=row.vault_id, grant_id=row.id)
    for right in mine.filter(collection_id=collection.id):
        had = terms.read(key, right)
        right.epoch = collection.epoch
        right.terms = _terms(access, row, key, collection, had.right, had.upto, had)
        right.save(update_fields=["epoch", "terms"])


def _terms(
    access: Access,
    row: Grant,
    key: Key,
    collection: Collection,
    right: Right,
    upto: int | None,
    had: Terms | None = None,
) -> bytes:
    """As the grant is now; `had` says what else was given when only the collection changed."""
    place = (collection.id, collection.epoch, "name", collection.id, collection.epoch)
    name = access.keyring.open(*place, collection.sealed_name).decode()
    keys = CollectionKey.objects.filter(vault_id=row.vault_id, collection_id=collection.id)
    private = keys.values_list("private_key", flat=True).get(epoch=collection.epoch)
    public = access.keyring.public_half(collection.id, collection.epoch, private)
    until = had.until if had else row.expires_at.timestamp() if row.expires_at else None
    confirmed_only = had.confirmed_only if had else row.confirmed_only
    given = Terms(name, public, right, confirmed_only, until, upto)
    return terms.sealed(key, row.vault_id, row.id, collection.id, given)
