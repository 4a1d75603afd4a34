"""Deletes what was left lying: previews nobody accepted, uploads that never became an import."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from sync.importing.import_files import delete_files
from sync.models import Import, ImportFile
from sync.upkeep import orphans
from vault.models import Vault
from vault.scope import vault_scope

PREVIEW_FOR = timedelta(days=7)
_WAITING = (Import.State.PREVIEW, Import.State.ASKING)


def sweep() -> None:
    kept: set[str] = set()
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            _drop_old_previews(vault_id)
            files = ImportFile.objects.filter(vault_id=vault_id)
            kept |= {str(id) for id in files.values_list("id", flat=True)}
    orphans.delete(kept, "sealed")


def _drop_old_previews(vault_id: UUID) -> None:
    old = Import.objects.filter(
        vault_id=vault_id,
        state__in=(*_WAITING, Import.State.FAILED),
        started_at__lt=timezone.now() - PREVIEW_FOR,
    )
    for row in old.select_for_update(skip_locked=True):
        if row.state in _WAITING:
            row.state, row.finished_at = Import.State.CANCELLED, timezone.now()
            row.save(update_fields=["state", "finished_at"])
        delete_files(row)
