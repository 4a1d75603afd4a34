"""Hands a request on only when its body can be told whole from broken.

WSGI has no word for "the sender went away" and none for a body of unknown length: to an
application both look like a body that ended. Here the first becomes an error, the second a 411.
"""

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)


class Gone(ConnectionResetError):
    """The sender broke off before the end of the body. Nothing may be taken from it."""


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
        names = {name for name, _ in scope["headers"]}
        if b"transfer-encoding" in names and b"content-length" not in names:
            await _refuse_unknown_length(send)
            return
        await self._application(_without_underscores(scope), _whole(receive), _until_gone(send))


def _without_underscores(scope: HTTPScope) -> HTTPScope:
    """WSGI cannot tell `X_Forwarded_Proto` from the `X-Forwarded-Proto` that a proxy sets."""
    kept = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": kept}


def _whole(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    async def checked() -> ASGIReceiveEvent:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Gone
        return event

    return checked


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
