"""What of distilling is sealed under a collection's key: sealed anew when that changes, shredded
when the vault is erased."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sync.distilling import model, runs
from sync.models import Distilling, DistillingModel
from vault.access import Access
from vault.scope import vault_scope

State = Distilling.State


def renew(access: Access, collection: UUID, epoch: int) -> None:
    """Under the key of this epoch, whatever no worker is busy with."""
    with vault_scope(access.vault_id):
        runs = _runs(access, collection, epoch).exclude(state=State.WORKING).select_for_update()
        for run in runs:
            model.renew(access, run, epoch)
        for kept in _models(access, collection, epoch).select_for_update():
            model.renew(access, kept, epoch)


def hand_over(access: Access, collection: UUID, heir: UUID) -> None:
    """Under the key of another collection, since this one is to be deleted. A run that is under way
    pauses: its worker holds it under the old one. Within a scope."""
    mine = {"vault_id": access.vault_id, "collection_id": collection}
    for run in Distilling.objects.filter(**mine).exclude(sealed=b"").select_for_update():
        if run.state == State.WORKING:
            runs.pause(access, run)
        model.move(access, run, heir)
    for kept in DistillingModel.objects.filter(**mine).select_for_update():
        model.move(access, kept, heir)


def in_use(access: Access, collection: UUID, epoch: int) -> bool:
    """Whether anything still needs a key older than this epoch. Within a scope."""
    runs = _runs(access, collection, epoch)
    return runs.exists() or _models(access, collection, epoch).exists()


def shred(vault_id: UUID) -> None:
    """Nothing is asked any more, and no address or key is left. Within a scope."""
    DistillingModel.objects.filter(vault_id=vault_id).delete()
    mine = Distilling.objects.filter(vault_id=vault_id)
    mine.update(sealed=b"")
    over = {"state": State.ENDED, "lease_owner": None, "finished_at": timezone.now()}
    mine.filter(finished_at=None).update(**over)


def _runs(access: Access, collection: UUID, epoch: int) -> QuerySet[Distilling]:
    mine = Distilling.objects.filter(vault_id=access.vault_id, collection_id=collection)
    return mine.filter(epoch__lt=epoch).exclude(sealed=b"")


def _models(access: Access, collection: UUID, epoch: int) -> QuerySet[DistillingModel]:
    mine = DistillingModel.objects.filter(vault_id=access.vault_id, collection_id=collection)
    return mine.filter(epoch__lt=epoch)
