"""One worker's hold on one import: its lease, its progress, its files, and how it ends."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from connectors.base.reading.files import Upload
from sync.errors import LostLease
from sync.importing.import_details import open_details, seal_details
from sync.importing.import_files import delete_files
from sync.importing.placing import without_choices
from sync.importing.progress import Progress
from sync.leases import Lease
from sync.models import Import, ImportFile
from vault.access import Access
from vault.files import reader
from vault.keys import jobs
from vault.keys.jobs import end_job
from vault.scope import vault_scope


class Work:
    """One worker's hold on one import."""

    def __init__(self, access: Access, import_id: UUID) -> None:
        self.access = access
        self.import_id = import_id
        self.progress = Progress()
        self._lease = Lease(self._rows, lambda: vault_scope(access.vault_id))

    def _rows(self) -> QuerySet[Import]:
        return Import.objects.filter(vault_id=self.access.vault_id, id=self.import_id)

    @property
    def row(self) -> Import:
        with vault_scope(self.access.vault_id):
            return self._rows().get()

    @property
    def silent(self) -> bool:
        """Whether it is time to renew the lease, progress or not."""
        return self._lease.silent

    def take(self) -> bool:
        """True when this worker now holds the lease."""
        return self._lease.take()

    def update(self, **fields: object) -> None:
        """Write progress and renew the lease. LostLease when another worker has it now, or the
        owner took the keys away."""
        with vault_scope(self.access.vault_id):
            if not jobs.holds_keys(self.access):
                raise LostLease("The owner took the keys away.")
            self._lease.update(**fields)

    def breathe(self) -> None:
        """Renew the lease when it is time to."""
        if self.silent:
            self.update()

    def fail(self, reason: str) -> None:
        """End it. The reason may name a file, so it is sealed like the names."""
        row = self.row
        details = open_details(self.access, row)
        kept = without_choices(details)
        seal_details(self.access, row, {**kept, "error": reason[:300]})
        self.finish(Import.State.FAILED, sealed=row.sealed)

    def finish(self, state: Import.State, **fields: object) -> None:
        self.update(state=state, finished_at=timezone.now(), **fields)
        with vault_scope(self.access.vault_id):
            delete_files(self.row)
        end_job(self.access)

    def uploads(self) -> list[Upload]:
        """The files, each opened anew for every reading of it."""
        row = self.row
        names = open_details(self.access, row)["files"]
        with vault_scope(self.access.vault_id):
            files = ImportFile.objects.filter(vault_id=row.vault_id, import_id=row.id)
            kept = list(files.order_by("position"))
        pairs = zip(names, kept, strict=True)
        return [Upload(name, self._opener(row, file)) for name, file in pairs]

    def _opener(self, row: Import, file: ImportFile) -> Callable[[], BinaryIO]:
        folder = Path(settings.SATCHEL_UPLOADS_DIR)

        def open_file() -> BinaryIO:
            place = (row.collection_id, row.epoch, file.id, bytes(file.key))
            return self.progress.watch(reader(self.access, *place, folder))

        return open_file
