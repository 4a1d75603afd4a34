"""Words put aside until their owner can see them: in two halves, and for half an hour.

The session keeps the words sealed, a cookie their key. Unlike `once`, this takes more words than a
cookie holds. A lock that somebody chose and a sign-out drop both, as they do for `once`.
"""

import time

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from frontend.signin import once
from frontend.signin.session import cookie, set_cookie
from vault import aside
from vault.errors import Tampered

KEPT_FOR = 30 * 60
"""Seconds."""


@sensitive_variables()
def put(request: HttpRequest, name: str, words: str, key: str = "") -> None:
    """Keep them for `peek`, under a fresh key or this one; they take the place of what had this
    name before."""
    key = key or aside.new_key()
    request.session[f"once_{name}"] = [int(time.time()), aside.seal(words, key)]
    set_cookie(request, f"satchel_once_{name}", key)


@sensitive_variables()
def peek(request: HttpRequest, name: str) -> str:
    """The words, left where they are; "" when there are none, a half is missing, or it was long
    ago."""
    at, sealed = request.session.get(f"once_{name}", (0, ""))
    if at < time.time() - KEPT_FOR:
        drop(request, name)
        return ""
    try:
        return aside.open_(sealed, cookie(request, f"satchel_once_{name}"))
    except Tampered:
        return ""


def empty_old() -> int:
    """Of every session, what waited too long: nobody came back for it. That it was there stays, so
    that whoever comes later is told. In how many sessions."""
    count = 0
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        kept = row.get_decoded()
        old = [slot for slot, value in kept.items() if once.is_slot(slot) and _is_old(value)]
        if old:
            data = SessionStore().encode(kept | {slot: [kept[slot][0], ""] for slot in old})
            as_read = Session.objects.filter(pk=row.pk, session_data=row.session_data)
            count += as_read.update(session_data=data)  # one that is in use has its turn next time
    return count


def _is_old(value: object) -> bool:
    if not isinstance(value, list) or not value[1]:
        return False
    return bool(value[0] < time.time() - KEPT_FOR)


def drop(request: HttpRequest, name: str) -> None:
    once.drop(request, name)
