"""Restores: take an archive in, then, with its passphrase, begin to put it back."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from sync.archives import archives
from sync.archives.archive_types import Archive
from sync.archives.archives import Kind, Start, State, send
from sync.archives.unpacking import opened
from sync.errors import NotNow
from sync.importing.uploads import SealedUpload
from sync.models import ArchiveJob
from vault.access import Access
from vault.archive import collections, lines, locks
from vault.archive.errors import ArchiveError, WrongPassphrase
from vault.archive.secrets import Secret
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.files import SealedFile, keep
from vault.keys.epochs import epochs
from vault.keys.vaultkey import OwnerKey
from vault.models import Grant, Memory, SortingRule, Suggestion
from vault.scope import vault_scope

LARGEST = 16 * 1024**3
"""Bytes of an archive that can be brought back here."""
_NOT_EMPTY = gettext_noop(
    "This vault already holds something, and an archive is restored into an empty one only. Make an"
    " account with a new vault for it; or, if you do not need what is here, erase everything under"
    " Your data, keep the account, and restore then."
)


def is_empty(access: Access) -> bool:
    """Whether an archive can be restored into this vault."""
    with vault_scope(access.vault_id):
        return _is_empty(access)


def begin(access: Access, upload: SealedUpload | None) -> Archive:
    """Keep an uploaded archive until its passphrase is typed. One that waited before is deleted.

    Invalid without a file, Refused when the vault is not empty.
    """
    access.must_own()
    if upload is None:
        raise Invalid(gettext("Choose the archive that you made with Satchel."), "file")
    if upload.sealed is None:
        raise Invalid(
            gettext("This file is too large to be an archive that can be restored here."), "file"
        )
    home = min(access.visible)
    with vault_scope(access.vault_id):
        _must_be_empty(access)
        _drop_waiting(access)
        row = _new_row(access, home, upload.sealed)
        row.save(force_insert=True)
        # Under another name: uploads that belong to no import are swept after a day.
        upload.sealed.path.rename(archives.path_of(row.kind, row.file_id))
    upload.kept = True
    return archives.get(access, row.id)


@sensitive_variables()
def start(
    access: Access,
    owner: OwnerKey,
    job_id: UUID,
    passphrase: str,
    *,
    embedders: bool = False,
    start: Start = send,
) -> Archive:
    """Open the archive and begin to check and restore it. `embedders`: use the embedding servers
    again that it names; else its collections come back with the bundled model.

    WrongPassphrase leaves it waiting; any other ArchiveError deletes it.
    """
    access.must_own()
    try:
        key, lock, wanted = _look_inside(access, job_id, passphrase)
    except WrongPassphrase:
        raise
    except ArchiveError as refused:
        _refuse(access, job_id, str(refused))
        raise
    keyring, keys = collections.new_keys(owner, wanted)
    with vault_scope(access.vault_id):
        row = archives.find(access, job_id, State.WAITING)
        _must_be_empty(access)
        row.state, row.upload_key, row.embedders = State.CHECKING, b"", embedders
        row.new_keys = [new.to_json() for new in keys]
        secret = Secret(lock, key, owner.key.derive("manifest").raw)
        archives.begin(access, owner, row, keyring, secret, start)
    return archives.get(access, job_id)


def _new_row(access: Access, home: UUID, file: SealedFile) -> ArchiveJob:
    epoch = epochs(access, [home])[home]
    return ArchiveJob(
        vault_id=access.vault_id,
        kind=Kind.RESTORE,
        state=State.WAITING,
        file_id=file.id,
        size=file.size,
        upload_key=keep(access, home, epoch, file),
        collection_id=home,
        epoch=epoch,
        started_at=timezone.now(),
    )


@sensitive_variables()
def _look_inside(
    access: Access, job_id: UUID, passphrase: str
) -> tuple[bytes, locks.Lock, list[lines.Collection]]:
    """The upload's key, the archive's, and the collections that it will bring."""
    with vault_scope(access.vault_id):
        row = archives.find(access, job_id, State.WAITING)
        _must_be_empty(access)
        key = _upload_key(access, row)
    path = archives.path_of(row.kind, row.file_id)
    try:
        with locks.uploaded(path, row.file_id, key) as file:
            lock = locks.open_lock(file, passphrase)
        with opened(path, row.file_id, key, lock) as contents:
            wanted = contents.collections
    except FileNotFoundError:
        raise NotFound(
            gettext("The uploaded archive is no longer here. Upload it again.")
        ) from None
    collections.check(wanted)
    return key, lock, wanted


def _refuse(access: Access, job_id: UUID, reason: str) -> None:
    with vault_scope(access.vault_id):
        row = archives.find(access, job_id, State.WAITING)
        row.error = reason
        archives.close(row, State.FAILED)
        archives.delete_file(row)


def _upload_key(access: Access, row: ArchiveJob) -> bytes:
    if row.collection_id is None:
        raise NotFound(gettext("The uploaded archive is no longer here. Upload it again."))
    place = (row.collection_id, row.epoch, "upload", row.file_id, 0)
    try:
        return access.keyring.open(*place, row.upload_key)
    except Stale:  # that collection has another key by now
        raise NotFound(
            gettext("The uploaded archive is no longer here. Upload it again.")
        ) from None


def _is_empty(access: Access) -> bool:
    models = (Memory, Suggestion, Grant, SortingRule)
    return not any(model.objects.filter(vault_id=access.vault_id).exists() for model in models)


def _must_be_empty(access: Access) -> None:
    if not _is_empty(access):
        raise Refused(gettext(_NOT_EMPTY))
    mine = ArchiveJob.objects.filter(vault_id=access.vault_id, kind=Kind.RESTORE)
    if mine.filter(state__in=(*archives.RUNNING, State.WIPING)).exists():
        raise NotNow(gettext("An archive is being restored already. Wait for it, or cancel it."))


def _drop_waiting(access: Access) -> None:
    mine = ArchiveJob.objects.filter(vault_id=access.vault_id, kind=Kind.RESTORE)
    for row in mine.filter(state=State.WAITING).select_for_update():
        archives.close(row, State.CANCELLED)
        archives.delete_file(row)
