"""Hands a request on only when its body can be told whole from broken.

WSGI has no word for "the sender went away" and none for a body of unknown length: to an
application both look like a body that ended. Here the first becomes an error, the second a 411.
A small body is awaited before it may take one of the few threads; a large one is streamed.
"""

import asyncio

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)

SMALL = 1024 * 1024
_SECONDS_FOR_SMALL = 60
_SECONDS_BETWEEN_PARTS = 60


class Gone(ConnectionResetError):
    """The sender broke off, or fell silent, before the end of the body. Take nothing from it."""


class WholeBodies:
    """ASGI application around the bridge to WSGI."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if (b"transfer-encoding" in headers and length == b"0") or not length.isdigit():
            await _refuse_unknown_length(send)
            return
        whole = _whole(receive)
        if 0 < int(length) <= SMALL:
            try:
                whole = await _awaited(whole)
            except Gone:
                return  # nobody is left to be answered
        await self._application(_without_underscores(scope), whole, _until_gone(send))


def _without_underscores(scope: HTTPScope) -> HTTPScope:
    """WSGI cannot tell `X_Forwarded_Proto` from the `X-Forwarded-Proto` that a proxy sets."""
    kept = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": kept}


def _whole(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    async def checked() -> ASGIReceiveEvent:
        try:
            async with asyncio.timeout(_SECONDS_BETWEEN_PARTS):
                event = await receive()
        except TimeoutError:
            raise Gone from None
        if event["type"] == "http.disconnect":
            raise Gone
        return event

    return checked


async def _awaited(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """Read the body to its end; what gives it out again in one piece."""
    parts, more = [], True
    try:
        async with asyncio.timeout(_SECONDS_FOR_SMALL):
            while more:
                event = await receive()
                if event["type"] == "http.request":
                    parts.append(event["body"])
                    more = event["more_body"]
    except TimeoutError:
        raise Gone from None
    body = b"".join(parts)

    async def again() -> ASGIReceiveEvent:
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _until_gone(send: ASGISendCallable) -> ASGISendCallable:
    """Swallows what can no longer be delivered: the bridge's thread would wait for it for ever."""
    gone = False

    async def careful(event: ASGISendEvent) -> None:
        nonlocal gone
        if gone:
            return
        try:
            await send(event)
        except OSError:
            gone = True

    return careful


async def _refuse_unknown_length(send: ASGISendCallable) -> None:
    body = b'{"title": "Length required", "status": 411, "detail": "Send a Content-Length."}'
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send(
        {"type": "http.response.start", "status": 411, "headers": headers, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
