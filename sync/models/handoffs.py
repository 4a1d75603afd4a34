"""What was taken along to somewhere else, so that its owner can be asked whether it arrived."""

from django.db import models

from vault.models import TenantModel


class Handoff(TenantModel):
    """One taking along. `wanted` says which collections and kinds, by their ids: no words of a
    memory, nor what was handed off, is kept. `kept` is a digest of the ids that went along."""

    target = models.CharField(max_length=60)
    wanted = models.JSONField()
    kept = models.BinaryField()
    count = models.PositiveIntegerField()
    """Memories; whole conversations are counted in `talks`."""
    talks = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField()
    steps = models.JSONField(default=list)
    """The numbers of the steps that are ticked off."""
    remind_at = models.DateTimeField(null=True)
    """When its owner wants to be asked; None once it arrived, or is to be left alone."""
    arrived_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vault", "-made_at"], name="handoff_newest")]
