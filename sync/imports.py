"""Imports: begin one, look at its preview, accept, cancel, continue or undo it."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.base.registry import vendors
from sync import outbox, tasks
from sync.errors import NotNow
from sync.models import Import as Row
from sync.models import ImportFile
from sync.piles import sorting_from
from sync.placing import placed, without_choices
from sync.tally import problems_from, samples_from
from sync.types import Import, ImportState, Placing
from sync.uploads import SealedUpload
from vault import jobs
from vault.access import Access
from vault.epochs import epochs
from vault.errors import Invalid, NotFound, Refused, Stale, Tampered
from vault.files import SealedFile, keep, path_of
from vault.ids import new_id
from vault.jobs import start_job
from vault.keyring import only
from vault.models import JobSlot
from vault.scope import vault_scope

State = Row.State
JOB_LASTS = timedelta(days=2)
UNDO_FOR = timedelta(days=30)
UNREADABLE = "(unreadable)"
"""Shown for the files of an import whose details do not open any more."""
_MOST_FILES = 50
_STALLED_AFTER = timedelta(minutes=5)


Start = Callable[[UUID, str], object]
"""What to do with an import's id and its job's token once both are committed."""


def send(import_id: UUID, job_token: str) -> None:
    """Leave the work to the worker."""
    outbox.leave_job(job_token, tasks.run_import, str(import_id), job_token)


def begin(
    access: Access,
    uploads: Sequence[SealedUpload],
    *,
    collection_id: UUID | None = None,
    start: Start = send,
) -> Import:
    """Take in sealed uploads and start reading them. Invalid when there is no file."""
    access.must_own()
    if not uploads or len(uploads) > _MOST_FILES:
        raise Invalid(f"Choose between one and {_MOST_FILES} files to import.", "files")
    files = [_not_too_large(upload) for upload in uploads]
    home = collection_id or _first_collection(access)
    access.narrowed({home})
    with vault_scope(access.vault_id):
        row = _new_row(access, home, uploads, sum(file.size for file in files))
        for position, file in enumerate(files):
            _keep_file(access, row, position, file)
        _start(access, row, start)
    for upload in uploads:
        upload.kept = True
    return get(access, row.id)


def get(access: Access, import_id: UUID) -> Import:
    access.must_own()
    with vault_scope(access.vault_id):
        return _view(access, _row(access, import_id))


def listing(access: Access) -> list[Import]:
    """The newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-started_at")
        return [_view(access, row) for row in rows[:100]]


def accept(
    access: Access,
    import_id: UUID,
    *,
    collection_id: UUID | None = None,
    sort: Placing | None = None,
    start: Start = send,
) -> Import:
    """Add what the preview showed to a collection; or sorted, what nothing says goes there.

    Invalid when something sensitive would go where it is not private, and that was not confirmed.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, import_id, State.PREVIEW)
        target = collection_id or row.target_id
        access.narrowed({target})
        if sort is not None:
            seal_details(access, row, placed(access, open_details(access, row), target, sort))
        writing = {"state": State.WRITING, "target_id": target, "bytes_read": 0}
        _set(row, **writing, sort=sort is not None, sealed=row.sealed)
        _start(access, row, start)
    return get(access, import_id)


def cancel(access: Access, import_id: UUID) -> Import:
    """Stop and delete the uploaded files. What was written already stays; undo takes it back."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, import_id, State.READING, State.PREVIEW, State.FAILED, State.WRITING)
        if (details := _details_if_they_open(access, row)) is not None:
            seal_details(access, row, without_choices(details))
        over = {"state": State.CANCELLED, "finished_at": timezone.now(), "lease_owner": None}
        _set(row, **over, sealed=row.sealed)
        delete_files(row)
    return get(access, import_id)


def resume(access: Access, import_id: UUID, *, start: Start = send) -> Import:
    """Go on with an import whose worker or keys were lost, from where it safely was."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, import_id, *tasks.RUNNING)
        if not _stalled(access, row):
            raise NotNow("This import is being worked on. There is nothing to continue.")
        _start(access, row, start)
    return get(access, import_id)


def undo(access: Access, import_id: UUID, *, start: Start = send) -> Import:
    """Take back everything that it brought and that nobody confirmed since."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, import_id, State.DONE, State.CANCELLED, State.FAILED)
        if timezone.now() - row.started_at > UNDO_FOR:
            raise NotNow("An import can be undone for 30 days. Forget single memories instead.")
        _set(row, state=State.UNDOING)
        _start(access, row, start)
    return get(access, import_id)


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


def _first_collection(access: Access) -> UUID:
    from vault.collections import listing as collections

    return collections(access)[0].id


def _not_too_large(upload: SealedUpload) -> SealedFile:
    if upload.sealed is None:
        raise Invalid(
            "A file is larger than 1 GB. Unpack it and upload only the JSON files in it.", "files"
        )
    return upload.sealed


def _new_row(access: Access, home: UUID, uploads: Sequence[SealedUpload], size: int) -> Row:
    row = Row(
        vault_id=access.vault_id,
        id=new_id(),
        collection_id=home,
        target_id=home,
        epoch=epochs(access, [home])[home],
        bytes_total=size,
        started_at=timezone.now(),
    )
    seal_details(access, row, {"files": [upload.name or "file" for upload in uploads]})
    row.save(force_insert=True)
    return row


def _keep_file(access: Access, row: Row, position: int, file: SealedFile) -> None:
    ImportFile.objects.create(
        vault_id=row.vault_id,
        id=file.id,
        import_id=row.id,
        position=position,
        size=file.size,
        key=keep(access, row.collection_id, row.epoch, file),
    )


def _start(access: Access, row: Row, start: Start) -> None:
    """A job of its own with keys of its own; the message goes out once the row is committed."""
    keyring = only(access.keyring, access.visible)
    _job(access, row).delete()  # an older one, if it still works, has lost its hold
    token = start_job(access, _purpose(row), keyring, JOB_LASTS)
    Row.objects.filter(vault_id=row.vault_id, id=row.id).update(
        lease_owner=None, lease_until=timezone.now()
    )
    import_id = row.id
    transaction.on_commit(lambda: start(import_id, token))


def seal_details(access: Access, row: Row, details: dict[str, object]) -> None:
    data = json.dumps(details, ensure_ascii=False).encode("utf-8", "replace")
    place = (row.collection_id, row.epoch, "preview", row.id, 0)
    row.sealed = access.keyring.seal(*place, data)


def open_details(access: Access, row: Row) -> dict[str, Any]:
    place = (row.collection_id, row.epoch, "preview", row.id, 0)
    details: dict[str, Any] = json.loads(access.keyring.open(*place, row.sealed))
    return details


def _details_if_they_open(access: Access, row: Row) -> dict[str, Any] | None:
    """None when the key that they need is lost: the import is shown all the same, to be rid of."""
    try:
        return open_details(access, row)
    except (Refused, Stale, Tampered):
        return None


def _row(access: Access, import_id: UUID, *states: Row.State) -> Row:
    rows = Row.objects.filter(vault_id=access.vault_id, id=import_id)
    row = (rows.select_for_update() if states else rows).first()
    if row is None:
        raise NotFound("There is no such import.")
    if states and row.state not in states:
        raise NotNow("This import has moved on. Look at it again.")
    return row


def _set(row: Row, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _purpose(row: Row) -> str:
    return f"import {row.id.hex}"[:32]


def _job(access: Access, row: Row) -> QuerySet[JobSlot]:
    return jobs.of(access, _purpose(row))


def _stalled(access: Access, row: Row) -> bool:
    if row.state not in tasks.RUNNING:
        return False
    until = row.lease_until or row.started_at
    return timezone.now() - until > _STALLED_AFTER or not _job(access, row).exists()


def _view(access: Access, row: Row) -> Import:
    details = _details_if_they_open(access, row) or {"files": [UNREADABLE]}
    names = vendors()
    vendor = names[row.vendor].name if row.vendor in names else ""
    return Import(
        id=row.id,
        state=cast(ImportState, row.state),
        vendor=row.vendor,
        vendor_name=vendor,
        file_names=tuple(details["files"]),
        collection_id=row.target_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        bytes_total=row.bytes_total,
        bytes_read=row.bytes_read,
        found=row.found,
        written=row.written,
        merged=row.merged,
        known=row.known,
        indexed=row.indexed,
        to_index=row.to_index,
        problems=problems_from(details),
        samples=samples_from(details),
        error=details.get("error", "") if row.state == State.FAILED else "",
        stalled=_stalled(access, row),
        sorting=sorting_from(details),
        sorted=row.sort,
        left_out=_left_out(row),
    )


def _left_out(row: Row) -> int:
    """Of a sorted import that was written: what the owner did not want."""
    over = row.sort and row.state in (State.INDEXING, State.DONE)
    return row.checkpoint - row.written - row.merged - row.known if over else 0
