"""The way from a connector to its vendor: only to where one may connect, at the vendor's pace."""

import time
from collections.abc import Callable

import httpx

from connectors.base.errors import Misconfigured
from connectors.base.protocol import Connector
from sync.connections.pace import Pace
from vault.outbound import NotAllowed, Outbound, OutboundError
from vault.outbound.configured import outbound

LARGEST = 32 << 20
"""Bytes of one answer."""
SECONDS = 60.0
_OURS = {"host", "content-length", "accept-encoding", "user-agent", "connection"}


class Outgoing(httpx.BaseTransport):
    """Sends by `vault.outbound`, at this pace or at one it comes to `share`. `sent` counts
    requests."""

    def __init__(
        self,
        pace: Pace,
        *,
        by: Outbound | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pace = pace
        self._by, self._sleep = by, sleep
        self.sent = 0

    def share(self, pace: Pace) -> None:
        """From now on at this pace, which others keep to as well."""
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if wait := self._pace.take():
            self._sleep(wait)
        self.sent += 1
        headers = {k: v for k, v in request.headers.items() if k not in _OURS}
        try:
            answer = (self._by or outbound()).send(
                request.method,
                str(request.url),
                headers=headers,
                content=request.read(),
                size=LARGEST,
                seconds=SECONDS,
            )
        except NotAllowed as error:
            raise Misconfigured(str(error), "base_url") from None
        except OutboundError as error:
            raise httpx.ConnectError(str(error)) from None
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


class Counted:
    """Makes ways out, and counts what goes over them."""

    def __init__(self, by: Callable[[type[Connector]], httpx.BaseTransport]) -> None:
        self._by = by
        self._made: list[httpx.BaseTransport] = []

    def transport(self, connector: type[Connector]) -> httpx.BaseTransport:
        self._made.append(self._by(connector))
        return self._made[-1]

    @property
    def count(self) -> int:
        return sum(one.sent for one in self._made if isinstance(one, Outgoing))


def nowhere(connector: object) -> httpx.BaseTransport:
    """No way out: for what is decided here."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Nothing is asked here.")

    return httpx.MockTransport(refuse)


def client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(transport=transport, timeout=SECONDS, follow_redirects=False)
