"""When each connection is to be looked at next: the one table of connections outside any vault."""

from django.db import models


class Due(models.Model):
    """A connection that has to be looked at at a time. What runs every minute finds here what is
    due, without a look into each vault.

    It lies outside row-level security, so it says nothing but ids and a time. PostgreSQL itself
    keeps it right, by triggers on connections and grants (migration 0008): in the transaction of
    the change, whoever makes it.
    """

    connection_id = models.UUIDField(primary_key=True)
    vault_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="due_at")]
