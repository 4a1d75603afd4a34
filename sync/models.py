"""One reading of a vendor's export into the vault, and the files it is read from."""

from django.db import models

from vault.models import TenantModel


class Import(TenantModel):
    """Counts and states are plain; names, samples and problems are sealed in `sealed`.

    They open with the key of `collection_id` at `epoch`, as the files' keys do.
    """

    class State(models.TextChoices):
        READING = "reading"
        PREVIEW = "preview"
        WRITING = "writing"
        INDEXING = "indexing"
        UNDOING = "undoing"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        UNDONE = "undone"

    state = models.CharField(max_length=16, choices=State, default=State.READING)
    vendor = models.CharField(max_length=40, blank=True)
    collection_id = models.UUIDField()
    target_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    found = models.JSONField(default=dict)
    bytes_total = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    checkpoint = models.BigIntegerField(default=0)
    """How many drafts, in the order of the archive, are safely in the vault."""
    written = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    indexed = models.BigIntegerField(default=0)
    to_index = models.BigIntegerField(default=0)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vault", "-started_at"], name="import_newest")]


class ImportFile(TenantModel):
    """One sealed upload; `id` names the file on disk, `key` is its key under the collection's."""

    import_id = models.UUIDField()
    position = models.PositiveIntegerField()
    size = models.BigIntegerField()
    key = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "import_id", "position"], name="import_file_position"
            ),
        ]
