"""The ways into a vault: slots of the owner, of open sessions and of background jobs."""

from django.db import models

from vault.models.base import TenantModel


class KeySlot(TenantModel):
    """The vault key, sealed under something that its owner has or knows."""

    class Kind(models.TextChoices):
        PASSWORD = "password"
        RECOVERY = "recovery"
        PASSKEY = "passkey"

    kind = models.CharField(max_length=16, choices=Kind)
    header = models.CharField(max_length=200, blank=True)
    """For a password: how its key is derived (algorithm, parameters, salt)."""
    sealed = models.BinaryField()
    credential = models.BinaryField(null=True)
    """For a passkey: the credential's id, by which the browser finds it."""
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class SessionSlot(TenantModel):
    """An open web session's keyring, sealed under a secret that only the browser's cookie holds."""

    key_version = models.PositiveIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    browser = models.CharField(max_length=24, default="")
    system = models.CharField(max_length=24, default="")
    """Families only, as in "Firefox" and "Linux"; "" for one that is not known."""


class JobSlot(TenantModel):
    """A background job's keyring, sealed under a token that only the job's message holds."""

    token_hash = models.BinaryField()
    pepper_day = models.DateField()
    sealed = models.BinaryField()
    purpose = models.CharField(max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "token_hash"], name="job_slot_token"),
        ]


class CollectionKey(TenantModel):
    """A collection's key of one epoch, wrapped under the vault key, and what belongs to it.

    While rows of an older epoch are being sealed anew there are several; then the old ones go.
    """

    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    public_key = models.BinaryField()
    private_key = models.BinaryField()
    """The letterbox's HPKE pair; the private half is sealed under the collection key."""
    names_key = models.BinaryField()
    """The key of the names that outlive an epoch (sources, conversations), sealed likewise."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "collection_id", "epoch"], name="collection_key_epoch"
            ),
        ]
