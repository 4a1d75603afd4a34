"""One request, one answer: no redirect followed, no proxy asked, no more read than was agreed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ssl import SSLContext, SSLError

import httpcore
import httpx
from django.utils.translation import gettext

from vault.outbound.addresses import Rules
from vault.outbound.connect import GuardedBackend, Resolve, deadline, resolve
from vault.outbound.errors import NotAllowed, TooLarge, Unreachable

_CONNECT_SECONDS = 10.0
_POOL = {"max_connections": 20, "max_keepalive_connections": 5, "keepalive_expiry": 20.0}
_ALWAYS = {"User-Agent": "Satchel", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def check_url(address: str) -> httpx.URL:
    """The parsed address. NotAllowed unless it is a plain http or https one, with a host."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise NotAllowed(
            gettext("This is not a web address. Type one that begins with https://.")
        ) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise NotAllowed(gettext("This is not a web address. Type one that begins with https://."))
    if url.userinfo or url.fragment:
        raise NotAllowed(gettext("Type the address alone, without a user name and without a #."))
    return url


class Outbound:
    """Thread-safe; keeps connections for a few seconds. `tls` is for tests with a CA of their own.

    https goes to public addresses and to what `rules` open; http only to the latter.
    """

    def __init__(
        self, rules: Rules, *, resolve: Resolve = resolve, tls: SSLContext | None = None
    ) -> None:
        self._pools = {
            scheme: httpcore.ConnectionPool(
                ssl_context=tls or _trusted(),
                network_backend=GuardedBackend(rules, plain=plain, resolve=resolve),
                **_POOL,  # type: ignore[arg-type]
            )
            for scheme, plain in (("https", False), ("http", True))
        }

    def send(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        size: int = 1 << 20,
        seconds: float = 10.0,
    ) -> Answer:
        """At most `size` bytes of answer within `seconds`, resolving the name aside.

        OutboundError says in plain words what went wrong. Any status is an answer.
        """
        url = check_url(address)
        request = _request(method, url, headers or {}, content, seconds)
        token = deadline.set(time.monotonic() + seconds)
        try:
            return _answer(self._pools[url.scheme], request, size)
        except (httpcore.TimeoutException, httpcore.NetworkError) as error:
            if isinstance(error.__cause__, SSLError):
                raise Unreachable(
                    gettext("%(host)s could not prove that it is %(host)s.") % {"host": url.host}
                ) from None
            raise Unreachable(
                gettext("%(host)s did not answer. Try again later.") % {"host": _named(url)}
            ) from None
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            raise Unreachable(
                gettext("%(host)s broke off, or does not speak HTTP.") % {"host": _named(url)}
            ) from None
        finally:
            deadline.reset(token)


@cache
def _trusted() -> SSLContext:
    """The authorities of the `certifi` list, and those that the system's owner added. Reading them
    takes 40 ms, so it is done once in a process."""
    tls = httpcore.default_ssl_context()
    tls.load_default_certs()
    return tls


def _named(url: httpx.URL) -> str:
    """The host, and its port where that is not the usual one: two servers may run on one host."""
    return url.netloc.decode("ascii")


def _request(
    method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes, seconds: float
) -> httpcore.Request:
    host = url.netloc.decode("ascii")
    every = {**_ALWAYS, **headers, "Host": host, "Content-Length": str(len(content))}
    times = {"connect": min(_CONNECT_SECONDS, seconds), "read": seconds, "write": seconds}
    return httpcore.Request(
        method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in every.items()],
        content=content,
        extensions={"timeout": {**times, "pool": seconds}},
    )


def _answer(pool: httpcore.ConnectionPool, request: httpcore.Request, size: int) -> Answer:
    response = pool.handle_request(request)
    try:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        if headers.get("content-encoding", "identity") != "identity":
            raise TooLarge(
                gettext("The answer is packed, which was not asked for. Check the address.")
            )
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > size:
                raise TooLarge(gettext("The answer is larger than expected. Check the address."))
    finally:
        response.close()
    return Answer(response.status, headers, bytes(body))
