"""The way from a connector to its vendor: only to where one may connect, at the vendor's pace."""

import time
from collections.abc import Callable

import httpx

from connectors.base.errors import Misconfigured
from vault.outbound import NotAllowed, Outbound, OutboundError
from vault.outbound.configured import outbound

LARGEST = 32 << 20
"""Bytes of one answer."""
SECONDS = 60.0
_OURS = {"host", "content-length", "accept-encoding", "user-agent", "connection"}


class Outgoing(httpx.BaseTransport):
    """Sends by `vault.outbound`. `sent` counts requests; between two of them at least 1/n of a
    minute passes, where n is the connector's `per_minute`."""

    def __init__(
        self,
        per_minute: int,
        *,
        by: Outbound | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._every = 60 / per_minute
        self._by, self._sleep = by, sleep
        self._next = 0.0
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._wait()
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

    def _wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._every


def client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(transport=transport, timeout=SECONDS, follow_redirects=False)
