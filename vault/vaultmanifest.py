"""The vault's own manifest: its collections and their epochs, under the vault key."""

from uuid import UUID

from vault.errors import Tampered
from vault.keyring import Key
from vault.manifests import as_bytes, make, read
from vault.models import Collection, Vault


def settle(vault_id: UUID, vault_key: Key) -> None:
    """List the vault's collections and their epochs anew, after one was made or rotated."""
    settle_with(vault_id, vault_key.derive("manifest"))


def settle_with(vault_id: UUID, key: Key) -> None:
    """The same by the manifest's own key, for a job that has no vault key."""
    # Two that list at the same time would each leave out what the other is making.
    Vault.objects.select_for_update(no_key=True).get(id=vault_id)
    make(vault_id, vault_id, key, *_vault_total(vault_id, key))


def check(vault_id: UUID, vault_key: Key) -> None:
    """Tampered when a collection, or its newest key, is missing or was put back."""
    key = vault_key.derive("manifest")
    manifest = read(vault_id, vault_id, key)
    count, total = _vault_total(vault_id, key)
    if (manifest.count, bytes(manifest.total)) != (count, as_bytes(total)):
        raise Tampered(
            "The collections are not those that were there before: rows were deleted or put back"
            " in the database. Restore a backup of this vault."
        )


def _vault_total(vault_id: UUID, key: Key) -> tuple[int, int]:
    there = Collection.objects.filter(vault_id=vault_id).values_list("id", "epoch")
    entries = [key.mac(id.bytes + epoch.to_bytes(4)) for id, epoch in there]
    return len(entries), sum(int.from_bytes(entry) for entry in entries)
