"""Tables: which writes were done already, so that repeating one does not do it twice."""

from django.db import models

from vault.models import TenantModel


class IdempotencyKey(TenantModel):
    """A write that named a key. Neither the key nor any words: only keyed fingerprints."""

    grant_id = models.UUIDField()
    key = models.BinaryField()
    request = models.BinaryField()
    status = models.PositiveSmallIntegerField(default=0)
    resource_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "grant_id", "key"], name="api_write_once"),
        ]
        indexes = [models.Index(fields=["vault", "created_at"], name="api_write_age")]
