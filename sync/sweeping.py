"""Deletes what was left lying: previews nobody accepted, uploads that never became an import."""

import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from sync.imports import delete_files
from sync.models import Import, ImportFile
from vault.models import Vault
from vault.scope import vault_scope

PREVIEW_FOR = timedelta(days=7)
_ORPHAN_SECONDS = 24 * 60 * 60


def sweep() -> None:
    kept: set[str] = set()
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            _drop_old_previews(vault_id)
            files = ImportFile.objects.filter(vault_id=vault_id)
            kept |= {str(id) for id in files.values_list("id", flat=True)}
    _delete_orphans(kept)


def _drop_old_previews(vault_id: UUID) -> None:
    old = Import.objects.filter(
        vault_id=vault_id,
        state__in=(Import.State.PREVIEW, Import.State.FAILED),
        started_at__lt=timezone.now() - PREVIEW_FOR,
    )
    for row in old.select_for_update(skip_locked=True):
        if row.state == Import.State.PREVIEW:
            row.state, row.finished_at = Import.State.CANCELLED, timezone.now()
            row.save(update_fields=["state", "finished_at"])
        delete_files(row)


def _delete_orphans(kept: set[str]) -> None:
    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    before = time.time() - _ORPHAN_SECONDS
    for path in folder.glob("*.sealed"):
        if path.stem not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
