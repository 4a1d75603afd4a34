"""An import at work: reads the archive, writes what was accepted, has it indexed, or undoes it.

Every portion commits together with its checkpoint and renews the lease. A worker that dies loses
at most a portion; the next one goes on from the checkpoint, and what it tells twice is known.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext_noop

from connectors.base.archive import Archive
from connectors.base.errors import ArchiveError, ConnectorError
from connectors.base.reading.files import Files, open_archive
from connectors.base.types import Conversation, Item, Unreadable
from sync.errors import LostLease
from sync.importing import asking, comparing
from sync.importing.drafts import drafts_of
from sync.importing.import_details import open_details, seal_details
from sync.importing.import_work import Work
from sync.importing.placing import Plan, without_choices
from sync.importing.previews import Preview
from sync.models import Import
from vault import bulk
from vault.embedding import indexing
from vault.errors import Locked, Stale, VaultError
from vault.keys.jobs import end_job, open_job
from vault.scope import vault_scope
from vault.search.errors import EmbedderError
from vault.types import Draft

logger = logging.getLogger(__name__)

_PORTION = 400  # drafts in one transaction
_INDEX_PORTION = 128
State = Import.State


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
    """Count and sort everything and take samples; then the owner decides. Or ask the owner, if no
    reader knows the files and there is something in them to ask about."""
    with open_archive(work.uploads()) as files:
        archive = asking.reader_of(work, files)
        if archive is None:
            if not asking.ask(work, files):
                raise ArchiveError(_NOT_KNOWN)
            return
        preview = _preview(work, archive, files)
        shapes = asking.shapes(work, files) if archive.vendor == asking.VENDOR else {}
    row = work.row
    details = open_details(work.access, row)
    seal_details(work.access, row, {**details, **shapes, **preview.to_json()})
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
    work.progress.begin()
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
    plan = Plan.of(open_details(work.access, row), row.target_id, sort=row.sort)
    with _opened(work) as (archive, files):
        account = archive.account(files)
        work.progress.begin()
        values = (v for v in archive.read(files) if not isinstance(v, Unreadable))
        drafts = (d for value in values for d in _drafts(work, archive, account, value))
        rest = islice(drafts, row.checkpoint, None)
        while portion := list(islice(rest, _PORTION)):
            _write_portion(work, row, plan, portion)
    bulk.log_import(work.access, archive.vendor)
    waiting = indexing.waiting(work.access)
    row = work.row
    details = open_details(work.access, row)
    seal_details(work.access, row, without_choices(details))
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
_NOT_KNOWN = gettext_noop(
    "This is not an export that Satchel knows. Upload the zip just as the vendor sent it."
)
_OUR_FAULT = gettext_noop(
    "Something went wrong on our side. What was read so far is safe: undo it, or import the same "
    "files again, and nothing doubles."
)


def _drafts(
    work: Work, archive: Archive, account: str, value: Item | Conversation
) -> Iterator[Draft]:
    return drafts_of(value, vendor=archive.vendor, account=account, import_id=work.import_id)


@contextmanager
def _opened(work: Work) -> Iterator[tuple[Archive, Files]]:
    with open_archive(work.uploads()) as files:
        archive = asking.reader_of(work, files)
        if archive is None:
            raise ArchiveError(_NOT_KNOWN)
        yield archive, files


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
