"""Collections, memories, where they were seen, what they said before, and their embeddings."""

from django.db import models

from vault.models.base import TenantModel


class Collection(TenantModel):
    """The unit of granting. Its name is sealed: it may say more than its owner wants told."""

    sealed_name = models.BinaryField()
    private = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=1)
    public_key = models.BinaryField()
    private_key = models.BinaryField()
    """The letterbox's HPKE pair; the private half is sealed under the collection key."""
    created_at = models.DateTimeField(auto_now_add=True)


class Memory(TenantModel):
    """One thing remembered. Words, title and who spoke are sealed; times and kind are not."""

    collection_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    revision = models.PositiveIntegerField(default=1)
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    digest = models.BinaryField()
    """HMAC of the words under the collection's key: finds exact duplicates, tells nothing."""
    seq = models.BigIntegerField()
    """The vault's count at the last change of this row."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True)
    sorted_at = models.DateTimeField()
    """When it happened, or else when it came here: the order of listings."""
    forgotten_at = models.DateTimeField(null=True)
    pinned = models.BooleanField(default=False)
    trusted = models.BooleanField(default=True)
    """Written or confirmed by the owner; what vendors and apps brought is not, until confirmed."""
    conversation = models.UUIDField(null=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["vault", "seq"], name="memory_seq"),
            models.Index(fields=["vault", "-sorted_at", "-id"], name="memory_newest"),
            models.Index(fields=["vault", "collection_id", "kind"], name="memory_collection"),
            models.Index(fields=["vault", "digest"], name="memory_digest"),
            models.Index(fields=["vault", "conversation", "position"], name="memory_thread"),
        ]


class Source(TenantModel):
    """Where a memory was seen; a memory can have many."""

    memory_id = models.UUIDField()
    vendor = models.CharField(max_length=40)
    key = models.BinaryField(null=True)
    """HMAC of the source's own id: a newer export of the same account finds its memory by it."""
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    grant_id = models.UUIDField(null=True)
    import_id = models.UUIDField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["vault", "memory_id"], name="source_memory"),
            models.Index(fields=["vault", "import_id"], name="source_import"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["vault", "key"], name="source_key"),
        ]


class Revision(TenantModel):
    """What a memory was before a change, with who changed it, sealed."""

    memory_id = models.UUIDField()
    collection_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    revision = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "memory_id", "revision"], name="revision_no"),
        ]


class Vector(TenantModel):
    """A memory's embedding; `id` is the memory's. `passages` moves into a segment when folded."""

    collection_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    model = models.CharField(max_length=80)
    epoch = models.PositiveIntegerField()
    passages = models.BinaryField(null=True)
    tokens = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["vault", "collection_id"],
                name="vector_tail",
                condition=models.Q(passages__isnull=False),
            ),
        ]


class Segment(TenantModel):
    """Up to 1,024 embeddings of one collection in one sealed record: cold opening reads these."""

    collection_id = models.UUIDField()
    model = models.CharField(max_length=80)
    epoch = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["vault", "collection_id"], name="segment_collection")]
