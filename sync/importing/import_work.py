"""One worker's hold on one import: its lease, its progress, its files, and how it ends."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from connectors.base.reading.files import Upload
from sync.errors import LostLease
from sync.importing.import_details import open_details, seal_details
from sync.importing.import_files import delete_files
from sync.importing.placing import without_choices
from sync.importing.progress import Progress
from sync.models import Import, ImportFile
from vault import jobs
from vault.access import Access
from vault.files import reader
from vault.ids import new_id
from vault.jobs import end_job
from vault.scope import vault_scope

LEASE = timedelta(seconds=settings.SATCHEL_VISIBILITY_TIMEOUT / 2)
"""A worker that is silent for so long is taken for dead. It says something at every portion."""


class Work:
    """One worker's hold on one import."""

    def __init__(self, access: Access, import_id: UUID) -> None:
        self.access = access
        self.import_id = import_id
        self.holder = new_id()
        self.progress = Progress()
        self._spoke = time.monotonic()

    @property
    def row(self) -> Import:
        with vault_scope(self.access.vault_id):
            return Import.objects.get(vault_id=self.access.vault_id, id=self.import_id)

    @property
    def silent(self) -> bool:
        """Whether it is time to renew the lease, progress or not."""
        return time.monotonic() - self._spoke > LEASE.total_seconds() / 4

    def take(self) -> bool:
        """True when this worker now holds the lease."""
        now = timezone.now()
        with vault_scope(self.access.vault_id):
            mine = Import.objects.filter(vault_id=self.access.vault_id, id=self.import_id)
            free = mine.filter(Q(lease_until__lt=now) | Q(lease_owner=None))
            return free.update(lease_owner=self.holder, lease_until=now + LEASE) == 1

    def update(self, **fields: object) -> None:
        """Write progress and renew the lease. LostLease when another worker has it now, or the
        owner took the keys away."""
        with vault_scope(self.access.vault_id):
            mine = Import.objects.filter(
                vault_id=self.access.vault_id, id=self.import_id, lease_owner=self.holder
            )
            fields["lease_until"] = timezone.now() + LEASE
            if not jobs.holds_keys(self.access) or not mine.update(**fields):
                raise LostLease("Another worker has taken this import over.")
        self._spoke = time.monotonic()

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
