"""Distilling: the model of the owner's choice, a run of it over conversations, and what was read.

Addresses, keys and names of models are sealed in `sealed`, which opens with the key of
`collection_id` at `epoch`. No words of a conversation or a proposal are kept here.
"""

from django.db import models

from sync.models.leased import Leased
from vault.models import TenantModel


class DistillingModel(TenantModel):
    """The chat endpoint that a vault's owner chose; at most one a vault."""

    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vault"], name="distilling_model_once")]


class Distilling(Leased, TenantModel):
    """One run. `sealed` holds the model as it was when the owner said yes, which conversations are
    meant, and what went wrong."""

    class State(models.TextChoices):
        WORKING = "working"
        PAUSED = "paused"
        DONE = "done"
        ENDED = "ended"

    state = models.CharField(max_length=8, choices=State, default=State.WORKING)
    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    total = models.PositiveIntegerField()
    """Conversations that the owner said yes to: no more are sent."""
    turns = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    """What came of it: see `sync.distilling.types.COUNTS`."""
    tokens_in = models.BigIntegerField(default=0)
    tokens_out = models.BigIntegerField(default=0)
    guessed = models.BooleanField(default=False)
    """Whether some of these tokens were counted here, since the server did not say."""
    failures = models.PositiveIntegerField(default=0)
    wait_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vault", "-started_at"], name="distilling_newest")]


class Distilled(TenantModel):
    """How far a conversation was read, and by which run last."""

    run_id = models.UUIDField()
    collection_id = models.UUIDField()
    conversation = models.UUIDField()
    position = models.IntegerField(default=-1)
    """Of the last turn that was read."""
    proposed = models.PositiveIntegerField(default=0)
    """By that run, of this conversation."""
    unreadable = models.BooleanField(default=False)
    """What the model said of the next turns was no answer: that run passes over them."""
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "collection_id", "conversation"], name="distilled_once"
            )
        ]


class Proposed(TenantModel):
    """That something was proposed once, whatever the owner said to it: not again. `mark` is a keyed
    fingerprint of its words."""

    collection_id = models.UUIDField()
    mark = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vault", "mark"], name="proposed_once")]
