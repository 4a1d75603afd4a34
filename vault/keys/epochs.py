"""Epochs of a collection: its key of now, what belongs to each, and the names that outlive them."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import KeyChanged, NotFound, Stale, Tampered
from vault.keys.keyring import Key, Keyring, new_letterbox, new_names, wrap_collection
from vault.models import Collection, CollectionKey

_NAMES = (
    "SELECT collection_id, epoch, names_key FROM vault_collectionkey"
    " WHERE vault_id = %s AND collection_id = ANY(%s) ORDER BY epoch DESC"
)


def epochs(access: Access, collections: Iterable[UUID]) -> dict[UUID, int]:
    """The epoch to seal under, for each of the collections, held until the transaction ends.

    It is the newest that the asker holds: right after a rotation that may still be the one before,
    which is sealed anew later. NotFound for a collection that is gone, KeyChanged when every epoch
    that the asker holds is.
    """
    wanted = set(collections)
    found: dict[UUID, int] = {}
    there = set()
    for collection, epoch in _held(access.vault_id, wanted):
        there.add(collection)
        if epoch in access.keyring.epochs(collection):
            found[collection] = max(epoch, found.get(collection, 0))
    if there != wanted:
        raise NotFound(gettext("There is no such collection."))
    if found.keys() != wanted:
        raise KeyChanged
    return found


def must_last(vault_id: UUID, collection: UUID, epoch: int) -> None:
    """Hold one epoch until the transaction ends. KeyChanged when it is gone already."""
    if (collection, epoch) not in _held(vault_id, {collection}):
        raise KeyChanged


def must_still_open(vault_id: UUID, collection: UUID, epoch: int) -> None:
    """As `must_last`, for what is put back as it was sealed: to repeat that would never help, so it
    is Stale that says so."""
    try:
        must_last(vault_id, collection, epoch)
    except KeyChanged:
        raise Stale(
            gettext("Its collection got a new key since, so this cannot be undone any more.")
        ) from None


def names_key(access: Access, collection: UUID) -> Key:
    """The collection's key for names of sources and conversations, and for its manifest. It is the
    same in every epoch: where the newest record of it was altered, an older one will do.

    Tampered when none opens.
    """
    keyring = access.keyring
    if (known := keyring.names(collection)) is not None:
        return known
    rows = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    held, newest = keyring.epochs(collection), 0
    for epoch, sealed in rows.order_by("-epoch").values_list("epoch", "names_key"):
        newest = newest or epoch
        if epoch in held:
            with suppress(Tampered):
                return keyring.learn_names(collection, epoch, sealed)
    if held and held[-1] < newest:
        raise KeyChanged
    raise Tampered(
        gettext(
            "The key of a collection's names is missing or was altered. Restore a backup of this"
            " vault."
        )
    )


def renew_names(access: Access, collection: UUID) -> bool:
    """Give the collection another names key, for good, if its own opens no more. Whether it did.

    What was imported before is not recognised by later imports then. The keyring must hold every
    epoch that there is; within a scope, with the vault held.
    """
    with suppress(Tampered):
        names_key(access, collection)
        return False
    rows = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    keyring, there = access.keyring, list(rows.order_by("epoch").values_list("epoch", flat=True))
    keyring.learn_names(collection, there[-1], new_names(keyring, collection, there[-1]))
    for epoch in there:
        rows.filter(epoch=epoch).update(names_key=keyring.seal_names(collection, epoch))
    return True


def must_hold_all(access: Access, collection: UUID) -> int:
    """The newest epoch. KeyChanged unless the asker holds every one that there is, Tampered when
    there is none, NotFound when the collection is gone. Within a scope, with the vault held."""
    rows = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    there = set(rows.values_list("epoch", flat=True))
    if not there:
        if not Collection.objects.filter(vault_id=access.vault_id, id=collection).exists():
            raise NotFound(gettext("There is no such collection."))
        raise Tampered(
            gettext("The key of this collection is gone. Restore a backup of this vault.")
        )
    if not there <= set(access.keyring.epochs(collection)):
        raise KeyChanged
    return max(there)


def learn_names(access: Access, collections: Iterable[UUID]) -> None:
    """Open the names keys of all these at once, so that nothing asks for each. One that does not
    open is left to `names_key`, which says so."""
    keyring = access.keyring
    wanted = {one for one in collections if keyring.names(one) is None}
    if not wanted:
        return
    with connection.cursor() as cursor:  # not by the ORM: each request comes here
        cursor.execute(_NAMES, [access.vault_id, sorted(wanted)])
        rows = cursor.fetchall()
    for collection, epoch, sealed in rows:
        if collection in wanted and epoch in keyring.epochs(collection):
            with suppress(Tampered):
                keyring.learn_names(collection, epoch, sealed)
                wanted.remove(collection)


def new_epoch(vault_key: Key, keyring: Keyring, collection: UUID, epoch: int) -> CollectionKey:
    """A fresh key, added to the keyring, and its unsaved row. The names key stays the same."""
    root = Key.generate()
    keyring.add(collection, epoch, root)
    public, private = new_letterbox(keyring, collection, epoch)
    names = keyring.names(collection)
    return CollectionKey(
        vault_id=keyring.vault_id,
        collection_id=collection,
        epoch=epoch,
        wrapped=wrap_collection(keyring.vault_id, vault_key, collection, epoch, root),
        public_key=public,
        private_key=private,
        names_key=keyring.seal_names(collection, epoch)
        if names
        else new_names(keyring, collection, epoch),
    )


def _held(vault_id: UUID, collections: set[UUID]) -> list[tuple[UUID, int]]:
    """Every (collection, epoch) there is. The lock keeps each epoch from being deleted under us;
    writers do not wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collection_id, epoch FROM vault_collectionkey"
            " WHERE vault_id = %s AND collection_id = ANY(%s)"
            " ORDER BY collection_id, epoch FOR KEY SHARE",
            [vault_id, sorted(collections)],
        )
        return [(collection, epoch) for collection, epoch in cursor.fetchall()]
