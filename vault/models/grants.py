"""Who may see and add what: grants, their key slots, and what waits for the owner's word."""

from django.db import models

from vault.models.base import TenantModel


class Grant(TenantModel):
    """One grantee. `owner_slot` is the grant's key under the vault key, for widening it later."""

    class Kind(models.TextChoices):
        TOKEN = "token"
        APP = "app"
        CONNECTION = "connection"
        MODEL = "model"

    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=120)
    client_id = models.CharField(max_length=255, default="")
    """Of an app that was connected: one grant serves all its installations."""
    version = models.PositiveIntegerField(default=1)
    owner_slot = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    confirmed_only = models.BooleanField(default=False)
    """It is shown only what the owner wrote or confirmed."""
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "client_id"],
                condition=models.Q(revoked_at=None) & ~models.Q(client_id=""),
                name="grant_client",
            ),
        ]


class GrantSlot(TenantModel):
    """The grant's key under one token. Deleting the row is what revoking means."""

    grant_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    family = models.UUIDField(null=True)
    """All tokens that one consent led to."""
    used_at = models.DateTimeField(null=True)
    """Of a code or refresh token: when it gave the next tokens."""
    token_hash = models.BinaryField()
    pepper_day = models.DateField()
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "token_hash"], name="grant_slot_token"),
        ]


class GrantRight(TenantModel):
    """One collection in a grant: what it may do there."""

    grant_id = models.UUIDField()
    collection_id = models.UUIDField()
    see = models.BooleanField()
    add = models.CharField(max_length=4)
    epoch = models.PositiveIntegerField()
    """Of the letterbox in `terms`."""
    terms = models.BinaryField(null=True)
    """Sealed under the grant's key: the collection's name and letterbox."""
    upto = models.BigIntegerField(null=True)
    """Only what was there at this change of the vault, and what it wrote itself; None is all."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "grant_id", "collection_id"], name="grant_right_collection"
            ),
        ]


class GrantKey(TenantModel):
    """A collection's key of one epoch, wrapped under the grant's: only where it may see."""

    grant_id = models.UUIDField()
    collection_id = models.UUIDField()
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "grant_id", "collection_id", "epoch"], name="grant_key_epoch"
            ),
        ]


class Suggestion(TenantModel):
    """A letter to the collection's letterbox: only a holder of its key can read it."""

    collection_id = models.UUIDField()
    grant_id = models.UUIDField()
    action = models.CharField(max_length=16)
    memory_id = models.UUIDField(null=True)
    epoch = models.PositiveIntegerField()
    letter = models.BinaryField()
    settled = models.BooleanField(default=False)
    """True: the grant may add without asking but cannot seal itself; taken in at next opening."""
    suggested_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vault", "suggested_at"], name="suggestion_waiting")]


class Told(TenantModel):
    """A memory that the feed of changes told a grant of; `gone_at`: and told that it is gone."""

    grant_id = models.UUIDField()
    memory_id = models.UUIDField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "grant_id", "memory_id"], name="told_memory"),
        ]
