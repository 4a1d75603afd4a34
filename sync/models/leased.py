"""Work that one worker at a time holds: see `sync.leases`."""

from django.db import models


class Leased(models.Model):
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
