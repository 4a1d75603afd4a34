"""`Idempotency-Key`: a write that is sent again, even at the same moment, happens once.

The row that names the key is written in the transaction of the write itself, so either both
are there or neither. A second request with the key waits at the unique index until the first
is done, and then gets its answer.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from api.errors import KeyReused
from api.models import IdempotencyKey
from vault.access import Access
from vault.errors import Invalid
from vault.scope import vault_scope

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Done:
    """What a write came to: the status answered, and the id of the memory or suggestion."""

    status: int
    resource_id: UUID


def key_of(request: Request) -> str:
    """The key sent, or "". Invalid unless it is 1 to 255 visible ASCII characters."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        raise Invalid("Send 1 to 255 visible ASCII characters, such as a UUID.", HEADER)
    return str(key)


def once(access: Access, key: str, body: Any, write: Callable[[], Done]) -> tuple[Done, bool]:
    """Write, or say what the same write came to before; True when it was done now.

    KeyReused when the key came with another body within the last 24 hours.
    """
    now = timezone.now()
    mine = IdempotencyKey.objects.filter(vault_id=access.vault_id)
    with vault_scope(access.vault_id):
        mine.filter(created_at__lt=now - KEPT_FOR).delete()
        row, new = mine.get_or_create(
            vault_id=access.vault_id,
            grant_id=access.asker.id,
            key=_fingerprint(access, key, ""),
            defaults={"request": _fingerprint(access, key, _words(body)), "created_at": now},
        )
        if not new:
            return _done_before(row, _fingerprint(access, key, _words(body))), False
        done = write()
        mine.filter(id=row.id).update(status=done.status, resource_id=done.resource_id)
    return done, True


def _done_before(row: IdempotencyKey, request: bytes) -> Done:
    if bytes(row.request) != request or row.resource_id is None:
        raise KeyReused
    return Done(row.status, row.resource_id)


def _words(body: Any) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def _fingerprint(access: Access, key: str, words: str) -> bytes:
    # Under the caller's own key and the server's secret: who has the database alone can try no
    # guess at the words, nor tell that two grants used one key.
    salt = f"satchel.idempotency|{access.vault_id}|{access.asker.id}|{key}"
    return salted_hmac(salt, words, algorithm="sha256").digest()
