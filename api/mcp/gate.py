"""The door of `/mcp`: a token that works, made for this address, with the scopes the call needs.

What is missing is told by challenges, from which apps learn where to ask for it. The SDK's own gate
leaves the scopes out, and apps then ask for all there are. An answer that takes longer than a
moment ends when the token stops working.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPScope,
)

from api import metrics, throttles
from api.mcp import needs
from api.mcp.answers import Answer, Reply, challenge, of_error, too_many
from api.mcp.arrivals import Gone, base_of, body_of, headers_of, replayed, token_in
from api.mcp.asking import Asking, asking, in_thread
from vault.access import Access, open_token
from vault.errors import Locked
from vault.granting import audience
from vault.granting.scopes import SEE

LOOKS_AGAIN = 1.0
"""Seconds after which a running answer must still be allowed."""
LONGEST_ANSWER = 300.0
"""Seconds: as long as the hosted clients wait."""
logger = logging.getLogger(__name__)


class Gate:
    """ASGI application around the SDK's."""

    def __init__(self, inner: ASGI3Application, executor: Executor) -> None:
        self._inner, self._executor = inner, executor

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        reply, started = Reply(send), time.perf_counter()
        try:
            await self._let_in(scope, receive, reply)
        except Gone:
            return
        except Answer as answer:
            if reply.called:
                metrics.called(reply.called, "turned away")
            await reply.give(answer)
        except Exception as error:
            # The server would write the error's words into its log; they may quote what it had.
            logger.error("A request to /mcp failed (%s).", type(error).__name__)
            await reply.give(of_error(error))
        finally:
            took = time.perf_counter() - started
            metrics.answered("mcp", "mcp", scope["method"], reply.status, took)

    async def _let_in(self, scope: HTTPScope, receive: ASGIReceiveCallable, reply: Reply) -> None:
        headers = headers_of(scope)
        base, token = base_of(headers), token_in(headers)
        if token is None:
            raise challenge(base, 401, "Sign in to call this.", "", {SEE})
        posted = scope["method"] == "POST"
        body = await body_of(headers, receive) if posted else b""
        address = throttles.address_in(scope)

        def admitted() -> Access:
            access = _opened(token, base, address)
            counted = (throttles.of_grant(access), throttles.of_address(address))
            reply.rates = [rate for rate in counted if rate]
            return access

        access = await in_thread(self._executor, admitted)
        reply.called = needs.called(body)
        for rate in reply.rates:
            if rate.exceeded:
                raise too_many(rate)
        if not posted:
            # No sessions, hence no stream to open by GET and nothing to end by DELETE.
            raise Answer(405, "Send messages here by POST.", allow="POST")
        if more := needs.missing(access, body):
            words = "The owner has not allowed this."
            raise challenge(base, 403, words, "insufficient_scope", more)
        made = {**scope, "path": audience.MCP, "raw_path": audience.MCP.encode()}
        asked = asking.set(Asking(access, base, self._executor, reply.called))
        try:
            await self._watched(
                self._inner(made, replayed(body, receive), reply),  # type: ignore[arg-type]
                lambda: _opened(token, base, address),
            )
        finally:
            asking.reset(asked)

    async def _watched(
        self, answering: Coroutine[Any, Any, None], opened: Callable[[], Access]
    ) -> None:
        """Until it has answered; an Answer once the token works no more, or it takes too long."""
        work = asyncio.ensure_future(answering)
        started = asyncio.get_running_loop().time()
        try:
            while not (await asyncio.wait({work}, timeout=LOOKS_AGAIN))[0]:
                if asyncio.get_running_loop().time() - started > LONGEST_ANSWER:
                    raise Answer(503, "This took too long. Ask for less.", retry_after="1")
                await in_thread(self._executor, opened)
            await work
        finally:
            if work.cancel():
                await asyncio.wait({work})


def _opened(token: str, base: str, address: str) -> Access:
    """401 with a challenge for whatever does not work; 429 once this address sent too many."""
    try:
        return open_token(token, audience=base + audience.MCP)
    except Locked as error:
        rate = throttles.of_failures(address)
        if rate and rate.exceeded:
            raise too_many(rate) from None
        raise challenge(base, 401, str(error), "invalid_token", {SEE}) from None
