"""Who saw what, chained by MACs so that no line can be changed, added or taken out unseen."""

from django.db import models

from vault.models.base import TenantModel


class LogEntry(TenantModel):
    """`sealed` (which memories, for what purpose) opens with the log's private key only."""

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    asker_kind = models.CharField(max_length=16)
    asker_id = models.UUIDField()
    action = models.CharField(max_length=32)
    count = models.PositiveIntegerField()
    sealed = models.BinaryField()
    chain = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vault", "seq"], name="log_entry_seq")]
        indexes = [models.Index(fields=["vault", "asker_id", "-seq"], name="log_entry_asker")]


class LogHead(TenantModel):
    """Where a vault's chain ends; `id` is the vault's. Its lock puts entries in order.

    Entries are sealed to the public half of the log's HPKE pair; the private half is sealed under
    the vault key. `chain` is the last line's link, and then a MAC of this row.
    """

    public_key = models.BinaryField()
    private_key = models.BinaryField()
    count = models.BigIntegerField(default=0)
    chain = models.BinaryField(default=bytes)
    cut = models.BigIntegerField(default=0)
    """The last line that was deleted because it was older than its owner wants to keep."""
    cut_chain = models.BinaryField(default=bytes)
    keep_days = models.PositiveIntegerField(null=True)
    """How long lines are kept; None for ever."""
