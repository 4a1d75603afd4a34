"""Collections, memories, where they were seen, what they said before, and their embeddings."""

from django.db import models
from pgvector.django import HalfVectorField

from vault.models.base import TenantModel


class Collection(TenantModel):
    """The unit of granting. Its name is sealed: it may say more than its owner wants told."""

    sealed_name = models.BinaryField()
    private = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=1)
    """What is written now is sealed under the key of this epoch."""
    indexed = models.BooleanField(default=False)
    """True: its vectors lie in pgvector, turned but not encrypted, instead of sealed segments."""
    becoming = models.CharField(max_length=8, blank=True)
    """"indexed" or "sealed" while its vectors are being brought there; else empty."""
    sealed_embedder = models.BinaryField(default=bytes)
    """Which embedder its vectors are of, with its address and key; empty for the bundled one."""
    sealed_next_embedder = models.BinaryField(default=bytes)
    """The one that it is being embedded with anew; empty when none."""
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
    arrived = models.BigIntegerField(default=0)
    """The vault's count when it came into its collection; 0 is before that was written down."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True)
    sorted_at = models.DateTimeField()
    """When it happened, or else when it came here: the order of listings."""
    forgotten_at = models.DateTimeField(null=True)
    pinned = models.BooleanField(default=False)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    """"Was true until": later it is found as past, and stands in no context."""
    held = models.CharField(max_length=16, blank=True)
    """Why it waits for the owner's word, out of every grantee's sight; empty when it does not."""
    entry = models.BinaryField(default=bytes)
    """What this row adds to its collection's manifest; empty while it is forgotten."""
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
            models.Index(fields=["vault"], name="memory_held", condition=~models.Q(held="")),
            models.Index(fields=["vault", "conversation", "position"], name="memory_thread"),
        ]


class Manifest(TenantModel):
    """What must be there: of a collection (`id` is its id) the memories, of a vault the
    collections. `mac` is made with a key that only who may read holds."""

    seq = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    total = models.BinaryField()
    mac = models.BinaryField()


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
            models.Index(
                fields=["vault", "grant_id"],
                name="source_grant",
                condition=models.Q(grant_id__isnull=False),
            ),
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
    """A memory's embedding by one model. `passages` moves into a segment when folded."""

    memory_id = models.UUIDField()
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
        constraints = [
            models.UniqueConstraint(fields=["vault", "memory_id", "model"], name="vector_model"),
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


class TurnedVector(TenantModel):
    """Indexed mode: one passage's vector, turned by the collection's key, searched by pgvector.

    It counts only while the memory is at this revision and in this collection.
    """

    memory_id = models.UUIDField()
    collection_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    model = models.CharField(max_length=80)
    passage = models.PositiveSmallIntegerField(default=0)
    epoch = models.PositiveIntegerField()
    turned = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "collection_id", "memory_id", "model", "passage"],
                name="turned_passage",
            ),
        ]


class Shelf(TenantModel):
    """What search holds of a collection in memory, sealed in parts, as of the vault's change `seq`:
    cold opening reads it instead of every memory. It can be thrown away at any time."""

    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    seq = models.BigIntegerField()
    part = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "collection_id", "seq", "part"], name="shelf_part"
            ),
        ]
