"""One reading of a vendor's export into the vault, and the files it is read from."""

from uuid import uuid4

from django.db import models

from sync.models.leased import Leased
from vault.models import TenantModel


class Import(Leased, TenantModel):
    """Counts and states are plain; names, samples and problems are sealed in `sealed`.

    They open with the key of `collection_id` at `epoch`, as the files' keys do.
    """

    class State(models.TextChoices):
        READING = "reading"
        ASKING = "asking"
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
    sort = models.BooleanField(default=False)
    """Sort into collections by rules and meaning; what nothing says goes to `target_id`."""
    checkpoint = models.BigIntegerField(default=0)
    """How many drafts, in the order of the archive, are safely in the vault."""
    written = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    indexed = models.BigIntegerField(default=0)
    to_index = models.BigIntegerField(default=0)
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


class ArchiveJob(Leased, TenantModel):
    """One making or restoring of a vault archive. Nothing here tells what is in it.

    `sealed` holds the archive's file key under the job's token, `sealed_for_owner` under the vault
    key; `upload_key` that of an upload that waits for its passphrase, under a collection's key.
    """

    class Kind(models.TextChoices):
        EXPORT = "export"
        RESTORE = "restore"

    class State(models.TextChoices):
        WAITING = "waiting"
        MAKING = "making"
        CHECKING = "checking"
        RESTORING = "restoring"
        INDEXING = "indexing"
        WIPING = "wiping"
        DONE = "done"
        GONE = "gone"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State)
    file_id = models.UUIDField()
    slot_id = models.UUIDField(null=True)
    """The job's slot, to be shredded when it ends."""
    size = models.BigIntegerField(default=0)
    vectors = models.BooleanField(default=False)
    embedders = models.BooleanField(default=False)
    """Making: with the API keys of embedding servers. Restoring: those servers are used again."""
    sealed = models.BinaryField(default=bytes)
    sealed_for_owner = models.BinaryField(default=bytes)
    upload_key = models.BinaryField(default=bytes)
    collection_id = models.UUIDField(null=True)
    epoch = models.PositiveIntegerField(default=1)
    """Of `upload_key`."""
    new_keys = models.JSONField(default=list)
    """The restored collections' keys as their rows will have them: wrapped, sealed or public."""
    stage = models.CharField(max_length=16, blank=True)
    checkpoint = models.BigIntegerField(default=0)
    """How many lines of the file named `stage` are safely in the vault."""
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    """What the vault's own checks said while it was taken out."""
    error = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vault", "-started_at"], name="archive_newest")]


class Erasure(Leased):
    """A vault that is being erased, and afterwards the receipt: it outlives vault and account, and
    names neither. `id` is random, since whoever knows it may read the counts."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    erased_vault = models.UUIDField(null=True)
    owner_id = models.BigIntegerField(null=True)
    keep_account = models.BooleanField()
    counts = models.JSONField(default=dict)
    total = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
