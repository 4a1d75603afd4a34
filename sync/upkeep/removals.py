"""Deleting a collection, with what imports and archives keep under its key."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from sync.archives import archives
from sync.distilling import secrets as distilling
from sync.errors import NotNow
from sync.importing.import_details import open_details, seal_details
from sync.models import ArchiveJob, Import, ImportFile
from sync.tasks import RUNNING
from vault import removal
from vault.access import Access
from vault.keys.epochs import epochs
from vault.keys.vaultkey import OwnerKey
from vault.models import Collection
from vault.scope import vault_scope

_OPEN = (*RUNNING, Import.State.PREVIEW, Import.State.ASKING)
_AT_WORK = (*archives.RUNNING, ArchiveJob.State.WAITING, ArchiveJob.State.WIPING)


def busy(access: Access) -> str:
    """Why no collection can be deleted just now; "" when one can. An import may be about to write
    into it, and an archive needs the keys of all."""
    access.must_own()
    with vault_scope(access.vault_id):
        if _imports(access).filter(state__in=_OPEN).exists():
            return gettext(
                "An import is not finished. Wait for it, or cancel it, and then delete this."
            )
        if _archives(access).filter(state__in=_AT_WORK).exists():
            return gettext(
                "An archive is being made or restored. Wait for it, or cancel it, first."
            )
    return ""


def remove(access: Access, owner: OwnerKey, collection_id: UUID, *, shred: bool = False) -> None:
    """As `removal.remove`. NotNow while an import or an archive is at work; what is known of past
    imports stays, under the key of another collection."""
    access.must_own()
    access.narrowed({collection_id})
    with vault_scope(access.vault_id):
        rows = _imports(access).order_by("id").select_for_update()
        kept = [row for row in rows if row.collection_id == collection_id]
        if reason := busy(access):
            raise NotNow(reason)
        heir = _heir(access, collection_id)
        if heir is not None:
            for row in kept:
                _seal_again(access, row, heir)
            distilling.hand_over(access, collection_id, heir)
        removal.remove(access, owner, collection_id, shred=shred)


def _heir(access: Access, collection_id: UUID) -> UUID | None:
    """A private one if there is one: fewer hold its key. None for the only collection."""
    mine = Collection.objects.filter(vault_id=access.vault_id, id__in=access.visible)
    others = mine.exclude(id=collection_id).order_by("-private", "position", "id")
    return others.values_list("id", flat=True).first()


def _seal_again(access: Access, row: Import, heir: UUID) -> None:
    details, ring, home, old = (
        open_details(access, row),
        access.keyring,
        row.collection_id,
        row.epoch,
    )
    row.collection_id, row.epoch = heir, epochs(access, [heir])[heir]
    seal_details(access, row, details)
    for file in ImportFile.objects.filter(vault_id=row.vault_id, import_id=row.id):
        key = ring.open(home, old, "upload", file.id, 0, file.key)
        file.key = ring.seal(heir, row.epoch, "upload", file.id, 0, key)
        file.save(update_fields=["key"])
    row.save(update_fields=["collection_id", "epoch", "sealed"])


def _imports(access: Access) -> QuerySet[Import]:
    return Import.objects.filter(vault_id=access.vault_id)


def _archives(access: Access) -> QuerySet[ArchiveJob]:
    return ArchiveJob.objects.filter(vault_id=access.vault_id)
