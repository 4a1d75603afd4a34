"""An import at work: reads the archive, writes what was accepted, has it indexed, or undoes it.

Every portion commits together with its checkpoint and renews the lease. A worker that dies loses
at most a portion; the next one goes on from the checkpoint, and what it tells twice is known.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from connectors.base.archive import Archive
from connectors.base.errors import ArchiveError, ConnectorError
from connectors.base.files import Files, Upload, open_archive
from connectors.base.registry import recognise
from connectors.base.types import Conversation, Item, Unreadable
from sync import comparing, imports
from sync.drafts import drafts_of
from sync.errors import LostLease
from sync.models import Import, ImportFile
from sync.placing import Plan, without_choices
from sync.previews import Preview
from sync.progress import Progress
from vault import bulk, indexing, jobs
from vault.access import Access
from vault.errors import Locked, Stale, VaultError
from vault.files import reader
from vault.ids import new_id
from vault.jobs import end_job, open_job
from vault.scope import vault_scope
from vault.search.errors import EmbedderError
from vault.types import Draft

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.SATCHEL_VISIBILITY_TIMEOUT / 2)
"""A worker that is silent for so long is taken for dead. It says something at every portion."""
_PORTION = 400  # drafts in one transaction
_INDEX_PORTION = 128
State = Import.State


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
        details = imports.open_details(self.access, row)
        kept = without_choices(details)
        imports.seal_details(self.access, row, {**kept, "error": reason[:300]})
        self.finish(State.FAILED, sealed=row.sealed)

    def finish(self, state: Import.State, **fields: object) -> None:
        self.update(state=state, finished_at=timezone.now(), **fields)
        with vault_scope(self.access.vault_id):
            imports.delete_files(self.row)
        end_job(self.access)


def run(import_id: UUID, job_token: str) -> bool:
    """Do what the import's state asks for. False: somebody else is at it, look again later."""
    try:
        access = open_job(job_token, "Import")
    except Locked:
        return True  # it ended, or the owner has to continue it: this token can do nothing more
    work = Work(access, import_id)
    if work.row.state not in _STEPS:
        end_job(access)
        return True
    if not work.take():
        return False
    try:
        _run_or_fail(work)
    except LostLease:
        if work.row.state not in _STEPS:  # it was cancelled: its keys go too
            end_job(access)
    return True


def _run_or_fail(work: Work) -> None:
    try:
        _run_steps(work)
    except LostLease:
        raise
    except (ConnectorError, VaultError) as refused:
        work.fail(str(refused))
    except Exception as error:
        # The message could quote the archive: only its kind and place go to the log.
        logger.error("Import %s failed: %s", work.import_id, _place(error))
        work.fail(_OUR_FAULT)


def _run_steps(work: Work) -> None:
    while step := _STEPS.get(State(work.row.state)):
        step(work)


def _read(work: Work) -> None:
    """Count and sort everything and take samples; then the owner decides."""
    with _opened(work) as (archive, files):
        preview = _preview(work, archive, files)
    row = work.row
    details = imports.open_details(work.access, row)
    imports.seal_details(work.access, row, {**details, **preview.to_json()})
    work.update(
        state=State.PREVIEW,
        vendor=archive.vendor,
        found=preview.tally.found,
        sealed=row.sealed,
        bytes_read=row.bytes_total,
        lease_owner=None,
    )
    end_job(work.access)


def _preview(work: Work, archive: Archive, files: Files) -> Preview:
    preview, account = Preview(work.access, work.breathe), archive.account(files)
    total = work.row.bytes_total
    for value in archive.read(files):
        if isinstance(value, Unreadable):
            preview.tally.unreadable(value)
        else:
            preview.add(value, list(_drafts(work, archive, account, value)))
        if len(preview) >= _PORTION or work.silent:
            preview.settle()
            work.update(bytes_read=min(work.progress.bytes, total), found=preview.tally.found)
    preview.settle()
    return preview


def _write(work: Work) -> None:
    """Write from the checkpoint on, a portion and its checkpoint in one transaction."""
    row = work.row
    plan = Plan.of(imports.open_details(work.access, row), row.target_id, sort=row.sort)
    with _opened(work) as (archive, files):
        account = archive.account(files)
        values = (v for v in archive.read(files) if not isinstance(v, Unreadable))
        drafts = (d for value in values for d in _drafts(work, archive, account, value))
        rest = islice(drafts, row.checkpoint, None)
        while portion := list(islice(rest, _PORTION)):
            _write_portion(work, row, plan, portion)
    bulk.log_import(work.access, archive.vendor)
    waiting = indexing.waiting(work.access)
    row = work.row
    details = imports.open_details(work.access, row)
    imports.seal_details(work.access, row, without_choices(details))
    over = {"to_index": waiting, "bytes_read": row.bytes_total, "sealed": row.sealed}
    work.update(state=State.INDEXING, **over)


def _write_portion(work: Work, row: Import, plan: Plan, portion: Sequence[Draft]) -> None:
    with vault_scope(work.access.vault_id):
        came = bulk.remember_many(work.access, plan.placed(portion, row.checkpoint))
        row.checkpoint += len(portion)
        row.written += came.written
        row.merged += came.merged
        row.known += came.known
        work.update(
            checkpoint=row.checkpoint,
            written=row.written,
            merged=row.merged,
            known=row.known,
            bytes_read=min(work.progress.bytes, row.bytes_total),
        )


def _index(work: Work) -> None:
    """Embed what has no embedding yet; words find it all the while."""
    after: UUID | None = None
    row = work.row
    indexed = row.indexed
    while True:
        try:
            after, count = indexing.index_next(work.access, after, _INDEX_PORTION)
        except (EmbedderError, Stale) as error:  # it is embedded when its owner next comes
            logger.warning("Import %s is not embedded yet: %s", row.id, type(error).__name__)
            break
        indexed += count
        work.update(indexed=indexed)
        if after is None:
            break
        if indexed % (_INDEX_PORTION * 8) == 0:
            indexing.fold(work.access)
    indexing.fold(work.access)
    comparing.compare(work)
    work.finish(State.DONE)


def _undo(work: Work) -> None:
    while taken := bulk.undo_import(work.access, work.import_id):
        work.update(written=max(0, work.row.written - taken))
    work.finish(State.UNDONE, checkpoint=0)


_STEPS: dict[Import.State, Callable[[Work], None]] = {
    State.READING: _read,
    State.WRITING: _write,
    State.INDEXING: _index,
    State.UNDOING: _undo,
}
_OUR_FAULT = (
    "Something went wrong on our side. What was read so far is safe: undo it, or import the same "
    "files again, and nothing doubles."
)


def _drafts(
    work: Work, archive: Archive, account: str, value: Item | Conversation
) -> Iterator[Draft]:
    return drafts_of(value, vendor=archive.vendor, account=account, import_id=work.import_id)


@contextmanager
def _opened(work: Work) -> Iterator[tuple[Archive, Files]]:
    with open_archive(_uploads(work)) as files:
        archive = recognise(files)
        if archive is None:
            raise ArchiveError(
                "This is not an export that Satchel knows. "
                "Upload the zip just as the vendor sent it."
            )
        yield archive, files


def _uploads(work: Work) -> list[Upload]:
    row = work.row
    names = imports.open_details(work.access, row)["files"]
    with vault_scope(work.access.vault_id):
        files = ImportFile.objects.filter(vault_id=row.vault_id, import_id=row.id)
        kept = list(files.order_by("position"))
    return [Upload(name, _opener(work, row, file)) for name, file in zip(names, kept, strict=True)]


def _opener(work: Work, row: Import, file: ImportFile) -> Callable[[], BinaryIO]:
    folder = Path(settings.SATCHEL_UPLOADS_DIR)

    def open_file() -> BinaryIO:
        place = (row.collection_id, row.epoch, file.id, bytes(file.key))
        return work.progress.watch(reader(work.access, *place, folder))

    return open_file


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
