"""What an open vault leaves in the browser: two ids in Django's session, the key in a cookie.

Neither opens anything without the other, so a stolen session table opens no vault.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from frontend.signin.devices import device_of
from vault.keys import sessions
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.types import OpenSession

_PENDING = "_satchel_cookies"
_JUST_OPENED = "satchel_just_opened"


def open_vault(request: HttpRequest, opened: OpenSession) -> None:
    """From the next request on the vault is open in this browser."""
    name_session(request, opened)
    request.session[VAULT_KEY] = str(opened.vault_id)
    request.session[SESSION_KEY] = str(opened.session_id)
    request.session[_JUST_OPENED] = True
    set_cookie(request, KEY_COOKIE, opened.secret)


def name_session(request: HttpRequest, opened: OpenSession) -> None:
    """So that its owner can tell it from others in the list of them."""
    sessions.name(opened, *device_of(request.headers.get("User-Agent", "")))


def just_opened(request: HttpRequest) -> bool:
    """True once after each opening: what waits for the owner's keys can go on now."""
    return bool(request.session.pop(_JUST_OPENED, False))


def close_vault(request: HttpRequest) -> None:
    """Forget the vault in this browser. The slot in the vault is the caller's to delete."""
    request.session.pop(VAULT_KEY, None)
    request.session.pop(SESSION_KEY, None)
    set_cookie(request, KEY_COOKIE, "")


def set_cookie(request: HttpRequest, name: str, value: str) -> None:
    """The browser is to keep this from now on; "" to forget it."""
    _pending(request)[name] = value


def cookie(request: HttpRequest, name: str) -> str:
    """What the browser keeps, also within the request that changed it; "" for nothing."""
    return _pending(request).get(name, request.COOKIES.get(name, ""))


def hand_over(request: HttpRequest, response: HttpResponse) -> None:
    """Put on the answer what `set_cookie` asked for."""
    for name, value in _pending(request).items():
        if value:
            response.set_cookie(name, value, **_flags(request))
        else:
            response.delete_cookie(name, samesite="Lax")


def _pending(request: HttpRequest) -> dict[str, str]:
    pending: dict[str, str] = request.__dict__.setdefault(_PENDING, {})
    return pending


def _flags(request: HttpRequest) -> dict[str, Any]:
    # No max_age: like Django's session cookie, it ends with the browser; the vault ends it sooner.
    secure = request.is_secure() or settings.SESSION_COOKIE_SECURE
    return {"httponly": True, "samesite": "Lax", "secure": secure}
