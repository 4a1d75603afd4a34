"""A person's vault: what must be known of it before any scope is set."""

from django.conf import settings
from django.db import models

from vault.ids import new_id


class Vault(models.Model):
    """Found by its owner, before any scope: so it holds nothing that must stay unseen."""

    id = models.UUIDField(primary_key=True, default=new_id)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vault"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    recovery_confirmed_at = models.DateTimeField(null=True)
    key_version = models.PositiveIntegerField(default=1)
    """Counts up when a collection key is added or replaced: older sessions must unlock again."""
    seq = models.BigIntegerField(default=0)
    """Counts every change to a memory; readers catch up from where they were."""
