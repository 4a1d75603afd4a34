"""The connection itself: a name is resolved once, and only an address that was checked is called.

This sits where the socket is opened, so there is no second look-up that could answer differently,
and however an address is spelt, what counts is where it leads.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore
from django.utils.translation import gettext

from vault.marked import gettext_noop
from vault.outbound.addresses import Address, Rules, is_public
from vault.outbound.errors import NotAllowed

Resolve = Callable[[str, int], Sequence[str]]
LOWEST_PORT = 1024  # below it only 443: what listens there speaks something else
_MOST_ADDRESSES = 4
_INSIDE = gettext_noop(
    "This server cannot be reached from here: its name is unknown, or it lies inside a private"
    " network. Whoever runs Satchel can open it with SATCHEL_PRIVATE_ENDPOINTS."
)
_PLAIN = gettext_noop(
    "Type an https address. Only a private network may be asked by http: Whoever runs Satchel can"
    " open it with SATCHEL_PRIVATE_ENDPOINTS."
)

deadline: ContextVar[float] = ContextVar("deadline")
"""When, on the monotonic clock, the request under way must be over."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system says. OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Calls public addresses and those that `rules` open. `plain`: only the latter, since what
    goes there is not encrypted."""

    def __init__(
        self,
        rules: Rules,
        *,
        plain: bool = False,
        resolve: Resolve = resolve,
        inner: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._rules, self._plain, self._resolve = rules, plain, resolve
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._allowed(host, port)[:_MOST_ADDRESSES]:
            try:
                return _Timed(self._inner.connect_tcp(address, port, _left(timeout)))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)

    def _allowed(self, host: str, port: int) -> list[str]:
        opened = self._rules.opens_host(host, port)
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            found = []  # answered like a name inside: whether there is one, is told to nobody
        allowed = [each for each in found if opened or self._may(ip_address(each), port)]
        if not allowed:
            raise NotAllowed(gettext(_PLAIN if self._plain else _INSIDE))
        return allowed

    def _may(self, address: Address, port: int) -> bool:
        if self._rules.opens(address):
            return True
        return not self._plain and (port == 443 or port >= LOWEST_PORT) and is_public(address)


class _Timed(httpcore.NetworkStream):
    """A stream on which nothing waits beyond the request's deadline, however slowly it drips."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None) -> float:
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout(gettext("the time for this request is over"))
    return left if timeout is None else min(left, timeout)
