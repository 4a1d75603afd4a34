"""Tells whether a notice was signed as Standard Webhooks has it (Svix does): an HMAC-SHA256 over
its id, its time and its body, under a secret that only the sender and we know."""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

_TOLERANCE = timedelta(minutes=5)
"""Older ones may be replays; the sender's clock and ours differ by less."""


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """`secret` is as the sender shows it, with or without "whsec_". No secret, no header, a
    broken one: False."""
    said = {name.lower(): value for name, value in headers.items()}
    named, stamp, signatures = (_header(said, name) for name in ("id", "timestamp", "signature"))
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
        age = abs(now.timestamp() - int(stamp))
    except (binascii.Error, ValueError):
        return False
    if not (key and named and age <= _TOLERANCE.total_seconds()):
        return False
    wanted = b64encode(hmac.digest(key, f"{named}.{stamp}.".encode() + body, "sha256"))
    given = [one.removeprefix("v1,") for one in signatures.split() if one.startswith("v1,")]
    return any(hmac.compare_digest(wanted, one.encode()) for one in given)


def _header(said: Mapping[str, str], name: str) -> str:
    return said.get(f"svix-{name}") or said.get(f"webhook-{name}") or ""
