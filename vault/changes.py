"""The count of changes: every change to a memory takes the next number of its vault."""

from django.db.models import F

from vault.access import Access
from vault.models import Vault


def next_seqs(access: Access, count: int) -> range:
    """`count` new numbers. Other writers of this vault wait until the transaction ends, so that
    numbers appear in order: call this as late as you can."""
    mine = Vault.objects.filter(id=access.vault_id)
    mine.update(seq=F("seq") + count)
    last = mine.values_list("seq", flat=True).get()
    return range(last - count + 1, last + 1)
