"""What a phone shared, until its owner has seen it: in two halves, and for half an hour.

The session keeps the words sealed, a cookie their key. Unlike `once`, this takes more words than a
cookie holds. A lock drops both, as it does for `once`.
"""

import time

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from frontend.signin import once
from frontend.signin.session import cookie, set_cookie
from vault import aside
from vault.errors import Tampered

NAME = "shared"
KEPT_FOR = 30 * 60
"""Seconds."""
_SLOT, _COOKIE = f"once_{NAME}", f"satchel_once_{NAME}"


@sensitive_variables()
def put(request: HttpRequest, words: str) -> None:
    """Keep them for `peek`; they take the place of what was shared before."""
    sealed, key = aside.seal(words)
    request.session[_SLOT] = [int(time.time()), sealed]
    set_cookie(request, _COOKIE, key)


@sensitive_variables()
def peek(request: HttpRequest) -> str:
    """The words, left where they are; "" when there are none, a half is missing, or it was long
    ago."""
    at, sealed = request.session.get(_SLOT, (0, ""))
    if at < time.time() - KEPT_FOR:
        drop(request)
        return ""
    try:
        return aside.open_(sealed, cookie(request, _COOKIE))
    except Tampered:
        return ""


def drop(request: HttpRequest) -> None:
    once.drop(request, NAME)
