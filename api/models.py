"""Tables: which writes were done already, and what the codes of apps were asked for."""

import hashlib
from typing import Any

from django.db import models
from oauth2_provider.models import AbstractGrant

from vault.models import TenantModel

_HASHED = "s256$"


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


class HashedCodeField(models.CharField):  # type: ignore[type-arg]
    """Holds the SHA-256 of a code, and finds it by the code."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        if not text or text.startswith(_HASHED):
            return text
        return _HASHED + hashlib.sha256(text.encode()).hexdigest()


class AuthorizationCode(AbstractGrant):  # type: ignore[misc]
    """What an app asked for when it got its code: checked when the code is exchanged."""

    code = HashedCodeField(max_length=255, unique=True)
