"""How often a grantee may ask, and how often an address may send tokens that do not work.

Counts live in Django's cache, in windows of a minute, counted by its atomic `incr`. It is in
memory, so each process counts for itself.
"""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any

from asgiref.typing import HTTPScope
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from vault.access import Access

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds."""
PER_GRANT: int = settings.SATCHEL_GRANT_RATE
PER_ADDRESS: int = settings.SATCHEL_ADDRESS_RATE
FAILURES_PER_ADDRESS = max(PER_ADDRESS // 200, 5)


@dataclass(frozen=True, slots=True)
class Rate:
    """Where an asker stands in this window; `resets` is in seconds from now."""

    limit: int
    used: int
    resets: int
    of: str = "grant"

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        return headers([self])


def headers(rates: Sequence[Rate]) -> dict[str, str]:
    """What an answer says about the limits that were counted for it."""
    if not rates:
        return {}
    policies = (f'"{rate.of}";q={rate.limit};w={WINDOW}' for rate in rates)
    left = (f'"{rate.of}";r={max(rate.limit - rate.used, 0)};t={rate.resets}' for rate in rates)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


class Counted(BaseThrottle):
    """Counts requests that were let in."""

    def allow_request(self, request: Request, view: object) -> bool:
        self.rate = self.count(request, request.auth) if isinstance(request.auth, Access) else None
        if self.rate is not None:
            counted = (*getattr(request._request, "rates", ()), self.rate)
            request._request.rates = counted  # type: ignore[attr-defined]
        return self.rate is None or not self.rate.exceeded

    def count(self, request: Request, access: Access) -> Rate | None:
        raise NotImplementedError

    def wait(self) -> float | None:
        return self.rate.resets if self.rate and self.rate.exceeded else None


class GrantThrottle(Counted):
    """Per grant, whatever addresses it asks from; for the owner, per session."""

    def count(self, request: Request, access: Access) -> Rate | None:
        return of_grant(access)


class AddressThrottle(Counted):
    """Per address, whatever grants ask from it. Hosted apps serve many people from one."""

    def count(self, request: Request, access: Access) -> Rate | None:
        return of_address(address_of(request))


def count_failure(request: Request) -> None:
    """Note a token that did not work. Throttled once this address sent too many.

    Working tokens go on working from the same address: many people share one.
    """
    rate = of_failures(address_of(request))
    if rate is not None and rate.exceeded:
        raise Throttled(wait=rate.resets)


def of_grant(access: Access) -> Rate | None:
    """Count a request of this grant, or session, at any surface; None when counting fails."""
    return _count(f"api:grant:{access.asker.id}", PER_GRANT)


def of_address(address: str) -> Rate | None:
    """Count a request from this address that was let in; None when counting fails."""
    rate = _count(f"api:address:{_hashed(address)}", PER_ADDRESS)
    return rate and replace(rate, of="address")


def of_failures(address: str) -> Rate | None:
    """Count a token from this address that did not work; None when counting fails."""
    return _count(f"api:failed:{_hashed(address)}", FAILURES_PER_ADDRESS)


def within(what: str, address: str, limit: int) -> bool:
    """Count one from this address; False once there were too many in this minute."""
    rate = _count(f"api:{what}:{_hashed(address)}", limit)
    return rate is None or not rate.exceeded


def _hashed(address: str) -> str:
    return hashlib.sha256(_network(address).encode()).hexdigest()


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
    if found.version == 4:
        return address
    # A socket of both kinds writes addresses of IPv4 so: they are no household.
    within = found.ipv4_mapped
    return str(within or ip_network((found, 64), strict=False))


def address_of(request: Request | HttpRequest) -> str:
    """The caller's, past as many proxies as the settings trust; no header is believed beyond."""
    return address_by(request.META)


def address_by(meta: Mapping[str, Any]) -> str:
    """The same, by what WSGI says of a request."""
    said = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    return _beyond_proxies(said, str(meta.get("REMOTE_ADDR", "")))


def address_in(scope: HTTPScope) -> str:
    """The same, of a request that Django does not see."""
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    said = b",".join(lines).decode("latin-1")
    client = scope.get("client")
    return _beyond_proxies(said, client[0] if client else "")


def _beyond_proxies(forwarded: str, address: str) -> str:
    trusted: int = api_settings.NUM_PROXIES or 0
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return hops[-min(trusted, len(hops))] if trusted and hops else address
