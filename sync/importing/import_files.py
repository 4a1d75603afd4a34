"""The uploaded files of an import: kept with their keys, and deleted with them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from sync.importing.uploads import SealedUpload
from sync.models import Import as Row
from sync.models import ImportFile
from vault.access import Access
from vault.errors import Invalid
from vault.files import SealedFile, keep, path_of


def delete_files(row: Row) -> None:
    """Forget the files' keys, then the files: neither is of use without the other."""
    files = ImportFile.objects.filter(vault_id=row.vault_id, import_id=row.id)
    ids = list(files.values_list("id", flat=True))
    files.delete()
    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    transaction.on_commit(lambda: _unlink(folder, ids))


def _unlink(folder: Path, ids: Sequence[UUID]) -> None:
    for file_id in ids:
        path_of(folder, file_id).unlink(missing_ok=True)


def not_too_large(upload: SealedUpload) -> SealedFile:
    if upload.sealed is None:
        raise Invalid(
            gettext("A file is larger than 1 GB. Unpack it and upload only the JSON files in it."),
            "files",
        )
    return upload.sealed


def keep_file(access: Access, row: Row, position: int, file: SealedFile) -> None:
    ImportFile.objects.create(
        vault_id=row.vault_id,
        id=file.id,
        import_id=row.id,
        position=position,
        size=file.size,
        key=keep(access, row.collection_id, row.epoch, file),
    )
