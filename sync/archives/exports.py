"""Exports: begin one, and hand out what came of it."""

from typing import BinaryIO
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from sync.archives import archives
from sync.archives.archive_types import Archive
from sync.archives.archives import Kind, Start, State, send
from sync.errors import NotNow
from sync.models import ArchiveJob
from vault.access import Access
from vault.archive import locks, passphrases
from vault.archive.secrets import Secret
from vault.errors import NotFound
from vault.ids import new_id
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.scope import vault_scope


@sensitive_variables()
def begin(
    access: Access,
    owner: OwnerKey,
    *,
    passphrase: str,
    again: str,
    vectors: bool = False,
    embedder_keys: bool = False,
    start: Start = send,
) -> Archive:
    """Start making an archive of the whole vault; those made before are deleted.

    Invalid when the passphrase will not do, NotNow while one is being made.
    """
    access.must_own()
    passphrases.check(passphrase, again)
    secret = Secret(locks.new_lock(passphrase))
    with vault_scope(access.vault_id):
        _make_room(access)
        wanted = {"vectors": vectors, "embedders": embedder_keys, "file_id": new_id()}
        row = ArchiveJob(vault_id=access.vault_id, kind=Kind.EXPORT, state=State.MAKING, **wanted)
        row.started_at = timezone.now()
        access_log.record(access, "exported")
        archives.begin(access, owner, row, access.keyring, secret, start)
    return archives.get(access, row.id)


def open_file(access: Access, job_id: UUID) -> tuple[BinaryIO, Archive]:
    """The finished archive, as it was locked with the passphrase. NotFound when it is gone."""
    one = archives.get(access, job_id)
    with vault_scope(access.vault_id):
        row = archives.find(access, job_id)
        if row.kind != Kind.EXPORT or row.state != State.DONE:
            raise NotFound(gettext("This archive is no longer here. Make a new one."))
        try:
            file = archives.path_of(row.kind, row.file_id).open("rb")
        except FileNotFoundError:
            raise NotFound(gettext("This archive is no longer here. Make a new one.")) from None
        access_log.record(access, "downloaded")
    return file, one


def _make_room(access: Access) -> None:
    rows = ArchiveJob.objects.filter(vault_id=access.vault_id, kind=Kind.EXPORT)
    for row in rows.exclude(state=State.GONE).select_for_update():
        if row.state == State.MAKING:
            raise NotNow(gettext("An archive is being made already. Wait for it, or cancel it."))
        if row.state == State.DONE:
            archives.close(row, State.GONE)
            archives.delete_file(row)
