"""How often a grantee may ask, and how often an address may send tokens that do not work.

Counts live in Django's cache, in windows of a minute, counted by its atomic `incr`: exact over
several processes with Redis or Valkey. With the in-memory cache each process counts for itself.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from vault.access import Access

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds."""
PER_GRANT = 600
FAILURES_PER_ADDRESS = 30


@dataclass(frozen=True, slots=True)
class Rate:
    """Where an asker stands in this window; `resets` is in seconds from now."""

    limit: int
    used: int
    resets: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        left = max(self.limit - self.used, 0)
        return {
            "RateLimit-Policy": f'"grant";q={self.limit};w={WINDOW}',
            "RateLimit": f'"grant";r={left};t={self.resets}',
        }


class GrantThrottle(BaseThrottle):
    """Per grant, whatever addresses it asks from; for the owner, per session."""

    def allow_request(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, Access):
            return True
        self.rate = _count(f"api:grant:{request.auth.asker.id}", PER_GRANT)
        request._request.rate = self.rate  # type: ignore[attr-defined]
        return self.rate is None or not self.rate.exceeded

    def wait(self) -> float | None:
        return self.rate.resets if self.rate else None


def count_failure(request: Request) -> None:
    """Note a token that did not work. Throttled once this address sent too many.

    Working tokens go on working from the same address: many people share one.
    """
    name = hashlib.sha256(_network(_address(request)).encode()).hexdigest()
    rate = _count(f"api:failed:{name}", FAILURES_PER_ADDRESS)
    if rate is not None and rate.exceeded:
        raise Throttled(wait=rate.resets)


def _count(name: str, limit: int) -> Rate | None:
    now = int(time.time())
    window, resets = now // WINDOW, WINDOW - now % WINDOW
    key = f"{name}:{window}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW)
        return Rate(limit, cache.incr(key), resets)
    except Exception as error:
        # Counting protects the machine, not the data: without it the API still answers.
        logger.warning("Requests are not counted: the cache fails (%s).", type(error).__name__)
        return None


def _network(address: str) -> str:
    """The address; of IPv6 the /64 around it, which one household has to itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def _address(request: Request) -> str:
    """The caller's, past as many proxies as the settings trust; no header is believed beyond."""
    trusted: int = api_settings.NUM_PROXIES or 0
    hops: list[str] = [
        hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop
    ]
    if trusted and hops:
        return hops[-min(trusted, len(hops))]
    return str(request.META.get("REMOTE_ADDR", ""))
