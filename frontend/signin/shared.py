"""What a phone shared, until its owner has seen it: in two halves, and for half an hour.

The session keeps the words under a pad; the seed of the pad is in a cookie. Each alone is noise.
Unlike `once`, this takes more words than a cookie holds. A lock drops both, as it does for `once`.
"""

import base64
import binascii
import hashlib
import secrets
import time

from django.http import HttpRequest

from frontend.signin import once
from frontend.signin.session import cookie, set_cookie

NAME = "shared"
KEPT_FOR = 30 * 60
"""Seconds."""
_SLOT, _COOKIE = f"once_{NAME}", f"satchel_once_{NAME}"


def put(request: HttpRequest, words: str) -> None:
    """Keep them for `peek`; they take the place of what was shared before."""
    seed, data = secrets.token_bytes(32), words.encode()
    kept = base64.urlsafe_b64encode(_padded(seed, data)).decode()
    request.session[_SLOT] = [int(time.time()), kept]
    set_cookie(request, _COOKIE, base64.urlsafe_b64encode(seed).decode())


def peek(request: HttpRequest) -> str:
    """The words, left where they are; "" when there are none, a half is missing, or it was long
    ago."""
    at, kept = request.session.get(_SLOT, (0, ""))
    if at < time.time() - KEPT_FOR:
        drop(request)
        return ""
    try:
        seed = base64.urlsafe_b64decode(cookie(request, _COOKIE))
        return _padded(seed, base64.urlsafe_b64decode(kept)).decode() if seed else ""
    except (binascii.Error, ValueError):
        return ""


def drop(request: HttpRequest) -> None:
    once.drop(request, NAME)


def _padded(seed: bytes, data: bytes) -> bytes:
    """The data under the seed's pad, or from under it. A seed serves once."""
    pad = hashlib.shake_256(b"satchel shared" + seed).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, pad, strict=True))
