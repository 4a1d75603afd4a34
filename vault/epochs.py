"""Epochs of a collection: its key of now, what belongs to each, and the names that outlive them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from vault.access import Access
from vault.errors import KeyChanged, NotFound
from vault.keyring import Key, Keyring, new_letterbox, new_names, wrap_collection
from vault.models import CollectionKey


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
        raise NotFound("There is no such collection.")
    if found.keys() != wanted:
        raise KeyChanged
    return found


def must_last(vault_id: UUID, collection: UUID, epoch: int) -> None:
    """Hold one epoch until the transaction ends. KeyChanged when it is gone already."""
    if (collection, epoch) not in _held(vault_id, {collection}):
        raise KeyChanged


def names_key(access: Access, collection: UUID) -> Key:
    """The collection's key for names of sources and conversations, and for its manifest."""
    keyring = access.keyring
    if (known := keyring.names(collection)) is not None:
        return known
    rows = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    for epoch, sealed in rows.order_by("-epoch").values_list("epoch", "names_key"):
        if epoch in keyring.epochs(collection):
            return keyring.learn_names(collection, epoch, sealed)
    raise KeyChanged


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
