"""What the owner did to many memories at once, for as long as it can be undone."""

from django.db import models

from vault.models.base import TenantModel


class Act(TenantModel):
    """One act: a merge, a split, or the same change of a whole selection."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    verb = models.CharField(max_length=16)
    param = models.CharField(max_length=40, blank=True)
    """What the verb needs beside the memories: a collection's id, a kind, a day."""
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    collection_id = models.UUIDField()
    """The collection whose key authenticates the parts."""
    memory_id = models.UUIDField(null=True)
    """The memory that a merge kept, or that was split."""
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["vault", "made_at"], name="act_made"),
            models.Index(fields=["vault", "memory_id"], name="act_memory"),
        ]


class ActPart(TenantModel):
    """A portion of an act: which memories, and once it is done, what they were before.

    Nothing here is a word of a memory. `mac` keeps whoever writes the database from choosing what
    an undo brings back.
    """

    act_id = models.UUIDField()
    number = models.PositiveIntegerField()
    memory_id = models.UUIDField(null=True)
    """The one memory that this part of a merge or a split is about."""
    done = models.BooleanField(default=False)
    data = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["vault", "memory_id"], name="act_part_memory")]
        constraints = [
            models.UniqueConstraint(fields=["vault", "act_id", "number"], name="act_part_number"),
        ]
