"""Imports: begin one, look at its preview, accept, cancel, continue or undo it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from sync import tasks
from sync.errors import NotNow
from sync.importing.import_details import details_if_they_open, open_details, seal_details
from sync.importing.import_files import delete_files, keep_file, not_too_large
from sync.importing.import_rows import Start, put, send, start_work, the_row
from sync.importing.import_views import stalled, view
from sync.importing.placing import placed, without_choices
from sync.importing.uploads import SealedUpload
from sync.models import Import as Row
from sync.types import Import, Placing
from vault.access import Access
from vault.errors import Invalid
from vault.ids import new_id
from vault.keys.epochs import epochs
from vault.scope import vault_scope

State = Row.State
UNDO_FOR = timedelta(days=30)
_MOST_FILES = 50
_CANCELLED_FROM = (State.READING, State.ASKING, State.PREVIEW, State.FAILED, State.WRITING)


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
        raise Invalid(
            gettext("Choose between one and %(most)s files to import.") % {"most": _MOST_FILES},
            "files",
        )
    files = [not_too_large(upload) for upload in uploads]
    home = collection_id or _first_collection(access)
    access.narrowed({home})
    with vault_scope(access.vault_id):
        row = _new_row(access, home, uploads, sum(file.size for file in files))
        for position, file in enumerate(files):
            keep_file(access, row, position, file)
        start_work(access, row, start)
    for upload in uploads:
        upload.kept = True
    return get(access, row.id)


def get(access: Access, import_id: UUID) -> Import:
    access.must_own()
    with vault_scope(access.vault_id):
        return view(access, the_row(access, import_id))


def listing(access: Access) -> list[Import]:
    """The newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-started_at")
        return [view(access, row) for row in rows[:100]]


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
        row = the_row(access, import_id, State.PREVIEW)
        target = collection_id or row.target_id
        access.narrowed({target})
        if sort is not None:
            seal_details(access, row, placed(access, open_details(access, row), target, sort))
        writing = {"state": State.WRITING, "target_id": target, "bytes_read": 0}
        put(row, **writing, sort=sort is not None, sealed=row.sealed)
        start_work(access, row, start)
    return get(access, import_id)


def cancel(access: Access, import_id: UUID) -> Import:
    """Stop and delete the uploaded files. What was written already stays; undo takes it back."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = the_row(access, import_id, *_CANCELLED_FROM)
        if (details := details_if_they_open(access, row)) is not None:
            seal_details(access, row, without_choices(details))
        over = {"state": State.CANCELLED, "finished_at": timezone.now(), "lease_owner": None}
        put(row, **over, sealed=row.sealed)
        delete_files(row)
    return get(access, import_id)


def resume(access: Access, import_id: UUID, *, start: Start = send) -> Import:
    """Go on with an import whose worker or keys were lost, from where it safely was."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = the_row(access, import_id, *tasks.RUNNING)
        if not stalled(access, row):
            raise NotNow(gettext("This import is being worked on. There is nothing to continue."))
        start_work(access, row, start)
    return get(access, import_id)


def undo(access: Access, import_id: UUID, *, start: Start = send) -> Import:
    """Take back everything that it brought and that nobody confirmed since."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = the_row(access, import_id, State.DONE, State.CANCELLED, State.FAILED)
        if timezone.now() - row.started_at > UNDO_FOR:
            raise NotNow(
                gettext("An import can be undone for 30 days. Forget single memories instead.")
            )
        put(row, state=State.UNDOING)
        start_work(access, row, start)
    return get(access, import_id)


def _first_collection(access: Access) -> UUID:
    from vault.collections import listing as collections

    return collections(access)[0].id


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
