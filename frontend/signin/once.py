"""A secret to show once, kept in two halves: random bytes in the session, the rest in a cookie.

Each half alone is noise. So a page can be reached by redirect and reloaded until the person has
what they need, and no table, address or log ever holds the secret, sealed or in the clear.
"""

import base64
import binascii
import secrets

from django.http import HttpRequest

from frontend.signin.session import cookie, set_cookie


def put(request: HttpRequest, name: str, secret: str) -> None:
    """Keep it for `peek` or `take`."""
    data = secret.encode()
    half = secrets.token_bytes(len(data))
    request.session[_slot(name)] = _text(half)
    set_cookie(request, _cookie(name), _text(_joined(half, data)))


def peek(request: HttpRequest, name: str) -> str:
    """The secret, left where it is; "" when there is none or a half is missing."""
    try:
        here, there = (
            base64.urlsafe_b64decode(part)
            for part in (request.session.get(_slot(name), ""), cookie(request, _cookie(name)))
        )
        return _joined(here, there).decode() if len(here) == len(there) else ""
    except (binascii.Error, ValueError):
        return ""


def take(request: HttpRequest, name: str) -> str:
    """The secret, for the last time."""
    secret = peek(request, name)
    drop(request, name)
    return secret


def drop(request: HttpRequest, name: str) -> None:
    if request.session.pop(_slot(name), None) is not None:
        set_cookie(request, _cookie(name), "")


def drop_all(request: HttpRequest, but: str = "") -> None:
    """When the vault is locked, nothing of it stays to be shown."""
    slots = list(request.session.keys())
    for slot in slots:
        if is_slot(slot) and slot != _slot(but):
            drop(request, slot.removeprefix(_slot("")))


def is_slot(key: str) -> bool:
    """Whether a session keeps something of this kind under this key."""
    return key.startswith(_slot(""))


def _slot(name: str) -> str:
    return f"once_{name}"


def _cookie(name: str) -> str:
    return f"satchel_once_{name}"


def _joined(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
