"""Erasing everything: keys, then rows and files, then, if wanted, the account; a receipt stays.

The keys go in the transaction in which the owner says so. What follows needs none of them: after a
worker that dies the sweep goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from sync import outbox, tasks
from sync.archives import archives
from sync.archives.archive_types import Receipt
from sync.distilling import secrets as distilling
from sync.errors import LostLease
from sync.leases import Lease
from sync.models import ArchiveJob, Connection, Erasure, Import, ImportFile
from vault import erasing
from vault.access import Access
from vault.errors import NotFound
from vault.files import path_of
from vault.granting import connecting
from vault.scope import vault_scope

_PORTION = 2000

Start = Callable[[UUID], object]
"""What to do with an erasure's id once it is committed."""


def send(erasure_id: UUID) -> None:
    """Leave the work to the worker; without a broker the sweep finds it."""
    outbox.leave(tasks.run_erasure, str(erasure_id))


def begin(access: Access, owner: AbstractUser, *, keep_account: bool, start: Start = send) -> UUID:
    """Shred every key of the vault now, and have all the rest deleted. The receipt's id."""
    access.must_own()
    with transaction.atomic():
        row = Erasure.objects.create(
            erased_vault=access.vault_id,
            owner_id=owner.pk,
            keep_account=keep_account,
            started_at=timezone.now(),
        )
        erasing.shred_keys(access.vault_id)
        with vault_scope(access.vault_id):
            _shred_connections(access.vault_id)
        _end_jobs(access.vault_id)
        if not keep_account:
            owner.is_active = False
            owner.set_unusable_password()
            owner.save(update_fields=["is_active", "password"])
        transaction.on_commit(lambda: start(row.id))
    return row.id


def under_way(owner_id: int) -> bool:
    """Whether this account's vault has no keys any more, and is not gone yet."""
    return Erasure.objects.filter(owner_id=owner_id, finished_at=None).exists()


def receipt(erasure_id: UUID) -> Receipt:
    """How far it is, and what it deleted."""
    row = Erasure.objects.filter(id=erasure_id).first()
    if row is None:
        raise NotFound(gettext("There is no such receipt any more."))
    left = max(0, row.total - sum(row.counts.values()))
    return Receipt(row.id, row.keep_account, row.counts, left, row.started_at, row.finished_at)


def run(erasure_id: UUID) -> bool:
    """Delete everything, or go on. False: somebody else is at it."""
    rows = Erasure.objects.filter(id=erasure_id)
    lease = Lease(rows.all, transaction.atomic)
    row = rows.first()
    if row is None or row.finished_at is not None or row.erased_vault is None:
        return True
    if not lease.take():
        return False
    with suppress(LostLease):  # then another one does it
        _run(row, row.erased_vault, lease)
    return True


def _run(row: Erasure, vault_id: UUID, lease: Lease) -> None:
    _end_logins(row.owner_id)
    erasing.destroy_peppers(vault_id)
    for connection_id in _connections(vault_id):
        connecting.shut_server(connection_id)
    erasing.drop_indexes(vault_id)
    _delete_files(vault_id)
    if not row.total:
        row.total = sum(erasing.count(vault_id, model) for model in erasing.tables())
        lease.update(total=row.total)
    for model in erasing.tables():
        while _delete_portion(row, vault_id, model, lease):
            pass
    erasing.finish(vault_id)
    if not row.keep_account and row.owner_id is not None:
        get_user_model().objects.filter(pk=row.owner_id).delete()
    # The receipt tells what was deleted, and no longer whose it was.
    lease.release(finished_at=timezone.now(), erased_vault=None, owner_id=None)


def _end_logins(owner_id: int | None) -> None:
    """Every browser in which this account is signed in, with or without an open vault."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(owner_id):
            session.delete()


def _delete_portion(row: Erasure, vault_id: UUID, model: type[Model], lease: Lease) -> int:
    name = model._meta.model_name or ""
    with transaction.atomic():
        gone = erasing.delete_portion(vault_id, model, _PORTION)
        if gone:
            row.counts[name] = row.counts.get(name, 0) + gone
            lease.update(counts=row.counts)
    return gone


def _end_jobs(vault_id: UUID) -> None:
    """Whoever is at work finds the lease gone at the next portion, and nothing of that is kept."""
    with vault_scope(vault_id):
        running = Import.objects.filter(vault_id=vault_id, finished_at=None)
        running.update(state=Import.State.CANCELLED, lease_owner=None)
        ImportFile.objects.filter(vault_id=vault_id).update(key=b"")
        distilling.shred(vault_id)
        for row in ArchiveJob.objects.filter(vault_id=vault_id).select_for_update():
            archives.close(row, archives.State.CANCELLED)


def _delete_files(vault_id: UUID) -> None:
    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    with vault_scope(vault_id):
        uploads = ImportFile.objects.filter(vault_id=vault_id)
        paths = [path_of(folder, id) for id in uploads.values_list("id", flat=True)]
        made = ArchiveJob.objects.filter(vault_id=vault_id).values_list("kind", "file_id")
        paths += [archives.path_of(kind, file_id) for kind, file_id in made]
    for path in paths:
        archives.unlink(path)


def _shred_connections(vault_id: UUID) -> None:
    """Delete every slot of its connections. Within a scope."""
    Connection.objects.filter(vault_id=vault_id).update(
        owner_slot=b"", server_slot=None, run_slot=None, sealed=b"", cursor=None, next_at=None
    )


def _connections(vault_id: UUID) -> list[UUID]:
    """Every connection there ever was."""
    with vault_scope(vault_id):
        return list(Connection.objects.filter(vault_id=vault_id).values_list("id", flat=True))
