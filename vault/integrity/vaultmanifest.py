"""The vault's own manifest: its collections and their epochs, under the vault key."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count, F
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.errors import Tampered
from vault.integrity import heads
from vault.integrity.heads import MODULUS, make, read
from vault.keys.keyring import Key, Keyring, unwrap_collection
from vault.keys.vaultkey import OwnerKey
from vault.models import Collection, CollectionKey, Memory, Vault
from vault.scope import vault_scope

RECOVERED = "Recovered collection"
"""The name of one whose row was lost while its key is there: the name went with the row."""


def settle(vault_id: UUID, vault_key: Key) -> None:
    """List the vault's collections and their epochs anew, after one was made or rotated."""
    settle_with(vault_id, vault_key.derive("manifest"))


def settle_with(vault_id: UUID, key: Key) -> None:
    """The same by the manifest's own key, for a job that has no vault key."""
    # Two that list at the same time would each leave out what the other is making.
    heads.hold(vault_id)
    make(vault_id, vault_id, key, *_vault_total(vault_id, key))


def check(vault_id: UUID, vault_key: Key) -> None:
    """Tampered when a collection, or its newest key, is missing or was put back."""
    key = vault_key.derive("manifest")
    manifest = read(vault_id, vault_id, key)
    count, total = _vault_total(vault_id, key)
    if (manifest.count, manifest.total) != (count, total % MODULUS):
        raise Tampered(
            gettext(
                "The collections are not those that were there before: rows were deleted or put"
                " back in the database. Restore a backup of this vault."
            )
        )


def misfits(owner: OwnerKey) -> tuple[str, ...]:
    """What does not fit, in plain words; () when everything does."""
    with vault_scope(owner.vault_id):
        found = (*_of_the_list(owner), *_of_the_keys(owner))
        return (*found, *_of_what_is_lost(owner)) if found else ()


def accept(owner: OwnerKey) -> None:
    """Take the collections that are there as those that must be, because their owner says so.

    One without a key that opens is given up: nobody could ever open it. One whose row is gone
    while its key is there comes back, private and without its name. Sessions must unlock again.
    """
    with vault_scope(owner.vault_id):
        heads.hold(owner.vault_id)
        rows, keys = _rows(owner.vault_id), _keys(owner, drop=True)
        for id, epoch in rows.items():
            mine = Collection.objects.filter(vault_id=owner.vault_id, id=id)
            if id not in keys:
                mine.delete()
            elif epoch != max(keys[id]):
                mine.update(epoch=max(keys[id]))
        for id in keys.keys() - rows.keys():
            _bring_back(owner.vault_id, id, keys[id])
        settle(owner.vault_id, owner.key)
        Vault.objects.filter(id=owner.vault_id).update(key_version=F("key_version") + 1)


def _of_the_list(owner: OwnerKey) -> Iterator[str]:
    key = owner.key.derive("manifest")
    try:
        manifest = read(owner.vault_id, owner.vault_id, key)
    except Tampered:
        yield gettext("The sealed list of your collections is missing or was altered.")
        return
    count, total = _vault_total(owner.vault_id, key)
    if count != manifest.count:
        yield gettext("Your vault should have %(right)s collections and has %(count)s.") % {
            "right": _number(manifest.count),
            "count": _number(count),
        }
    elif total % MODULUS != manifest.total:
        yield gettext(
            "Your vault has as many collections as it should, but at least one is another one, or"
            " stands at an earlier or later key."
        )


def _of_the_keys(owner: OwnerKey) -> Iterator[str]:
    rows, keys = _rows(owner.vault_id), _keys(owner)
    held = _held(owner.vault_id)
    if locked := [id for id in rows if id not in keys]:
        yield gettext(
            "Collections whose key is missing or was altered, so that nobody can open them:"
            " %(count)s. Memories in them: %(memories)s."
        ) % {"count": _number(len(locked)), "memories": _number(sum(held[id] for id in locked))}
    if lost := keys.keys() - rows.keys():
        yield gettext(
            "Collections that are gone while their key is still there, so that they can be brought"
            " back without their names: %(count)s. Memories in them: %(memories)s."
        ) % {"count": _number(len(lost)), "memories": _number(sum(held[id] for id in lost))}


def _of_what_is_lost(owner: OwnerKey) -> Iterator[str]:
    """Nothing by itself: an archive that is being restored has no collections yet either."""
    held, known = _held(owner.vault_id), {*_rows(owner.vault_id), *_keys(owner)}
    if gone := sum(held[id] for id in held.keys() - known):
        yield gettext("Memories of collections that are gone with their keys: %(count)s.") % {
            "count": _number(gone)
        }


def _number(value: int) -> str:
    return number_format(value, force_grouping=True)


def _held(vault_id: UUID) -> Counter[UUID]:
    """How many memories lie in each collection."""
    homes = Memory.objects.filter(vault_id=vault_id).exclude(sealed=b"")
    counted = homes.values_list("collection_id").annotate(n=Count("id")).order_by()
    return Counter(dict(counted))


def _bring_back(vault_id: UUID, id: UUID, keys: dict[int, Key]) -> None:
    """Its own manifest does not vouch for the new row: the owner looks at it next."""
    epoch = max(keys)
    ring = Keyring(vault_id, {(id, epoch): keys[epoch]})
    Collection.objects.create(
        vault_id=vault_id,
        id=id,
        sealed_name=ring.seal(id, epoch, "name", id, epoch, RECOVERED.encode()),
        private=True,
        epoch=epoch,
        position=Collection.objects.filter(vault_id=vault_id).count(),
    )


def _rows(vault_id: UUID) -> dict[UUID, int]:
    return dict(Collection.objects.filter(vault_id=vault_id).values_list("id", "epoch"))


def _keys(owner: OwnerKey, *, drop: bool = False) -> dict[UUID, dict[int, Key]]:
    """Every collection key that opens, by epoch; perhaps deleting those that do not."""
    found: dict[UUID, dict[int, Key]] = {}
    for row in CollectionKey.objects.filter(vault_id=owner.vault_id):
        place = (row.collection_id, row.epoch)
        try:
            key = unwrap_collection(owner.vault_id, owner.key, *place, row.wrapped)
        except Tampered:
            if drop:
                row.delete()
            continue
        found.setdefault(row.collection_id, {})[row.epoch] = key
    return found


def _vault_total(vault_id: UUID, key: Key) -> tuple[int, int]:
    there = Collection.objects.filter(vault_id=vault_id).values_list("id", "epoch")
    entries = [key.mac(id.bytes + epoch.to_bytes(4)) for id, epoch in there]
    return len(entries), sum(int.from_bytes(entry) for entry in entries)
