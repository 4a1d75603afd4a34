"""What waits in review beside suggestions; the owner's rules for sorting, and their saved views."""

from django.db import models

from vault.models.base import TenantModel


class Pair(TenantModel):
    """Two memories that may be one, or that disagree. A dismissed pair is never asked about again.

    `first_id` is the smaller of the two ids.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate"
        DISAGREEMENT = "disagreement"

    class State(models.TextChoices):
        OPEN = "open"
        DISMISSED = "dismissed"
        SETTLED = "settled"

    first_id = models.UUIDField()
    second_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vault", "state", "found_at"], name="pair_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["vault", "first_id", "second_id"], name="pair_once"),
        ]


class SortingRule(TenantModel):
    """Where the owner wants something to go; the condition is sealed under that collection's."""

    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)


class SavedView(TenantModel):
    """A search with its filters that the owner gave a name. Both are sealed: what somebody looks
    for is as personal as what they find."""

    collection_id = models.UUIDField()
    """The collection under whose key it is sealed; not the one that is looked into."""
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    """Until it is shredded it can be put back."""
