"""A request as it arrives at `/mcp`: by which name, from which page, with which token and body."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from asgiref.typing import ASGIReceiveCallable, HTTPScope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from api.mcp.answers import Answer

LONGEST = 1024 * 1024
"""Bytes of a body."""
SECONDS_FOR_BODY = 60
_ONCE = (b"host", b"origin", b"authorization", b"content-length", b"x-forwarded-proto")
_TOKEN = re.compile(r"satchel_[A-Za-z0-9_-]{64}")


class Gone(Exception):
    """The sender went away before the end of the body: nobody is left to be answered."""


def headers_of(scope: HTTPScope) -> dict[bytes, str]:
    """By name in small letters. 400 for two of one that must stand alone."""
    named = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    times = Counter(name for name, _ in named)
    if any(times[name] > 1 for name in _ONCE):
        raise Answer(400, "A header that may come once came twice.")
    return dict(named)


def base_of(headers: Mapping[bytes, str]) -> str:
    """This server's address as the caller wrote it, without a slash at its end.

    421 for a name that is not ours, 403 for a call that was not by https where we speak that, and
    for a page of another site.
    """
    host = headers.get(b"host", "").lower()
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        raise Answer(421, "This server does not go by that name.")
    if settings.SECURE_SSL_REDIRECT and _forwarded(headers) != "https":
        raise Answer(403, "Call this address by https.")
    base = f"{'https' if settings.SECURE_SSL_REDIRECT else 'http'}://{host}"
    if headers.get(b"origin", base) != base:
        raise Answer(403, "Pages of other sites cannot call this address.")
    return base


def token_in(headers: Mapping[bytes, str]) -> str | None:
    """None when no token was sent; "" for what cannot be one of ours."""
    scheme, _, token = headers.get(b"authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return token.strip() if _TOKEN.fullmatch(token.strip()) else ""


async def body_of(headers: Mapping[bytes, str], receive: ASGIReceiveCallable) -> bytes:
    """All of it. 413 for too much, 408 for too slow; Gone when the sender is."""
    length = headers.get(b"content-length", "0")
    if length.isdigit() and int(length[:12]) > LONGEST:
        raise _too_much()
    try:
        async with asyncio.timeout(SECONDS_FOR_BODY):
            return await _whole(receive)
    except TimeoutError:
        raise Answer(408, "The request came too slowly. Send it again.", connection="close") from (
            None
        )


def replayed(body: bytes, receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """The body once more, then what comes after it: that the caller went away."""
    waiting = [body]

    async def replay() -> Any:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _forwarded(headers: Mapping[bytes, str]) -> str:
    """The scheme that the proxy says it was called by, read as Django reads it."""
    return headers.get(b"x-forwarded-proto", "").split(",")[0].strip()


async def _whole(receive: ASGIReceiveCallable) -> bytes:
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise Gone
        body += event["body"]
        if len(body) > LONGEST:
            raise _too_much()
        if not event["more_body"]:
            return bytes(body)


def _too_much() -> Answer:
    return Answer(413, "Send at most 1 MiB.", connection="close")
