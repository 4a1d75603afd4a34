"""The count of changes: every change to a memory takes the next number of its vault."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F

from vault.access import Access
from vault.errors import NotFound
from vault.models import Collection, Vault


def next_seqs(access: Access, count: int) -> range:
    """`count` new numbers. Other writers of this vault wait until the transaction ends, so that
    numbers appear in order: call this as late as you can."""
    mine = Vault.objects.filter(id=access.vault_id)
    mine.update(seq=F("seq") + count)
    last = mine.values_list("seq", flat=True).get()
    return range(last - count + 1, last + 1)


def epochs(access: Access, collections: Iterable[UUID]) -> dict[UUID, int]:
    """The epoch to seal under now, for each of the collections. NotFound for one that is gone."""
    wanted = set(collections)
    rows = Collection.objects.filter(vault_id=access.vault_id, id__in=wanted)
    found = dict(rows.values_list("id", "epoch"))
    if found.keys() != wanted:
        raise NotFound("There is no such collection.")
    return found
