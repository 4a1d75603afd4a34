"""What an open vault leaves in the browser: two ids in Django's session, the key in a cookie.

Neither opens anything without the other, so a stolen session table opens no vault.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.types import OpenSession

_PENDING = "_satchel_key_pending"


def open_vault(request: HttpRequest, opened: OpenSession) -> None:
    """From the next request on the vault is open in this browser."""
    request.session[VAULT_KEY] = str(opened.vault_id)
    request.session[SESSION_KEY] = str(opened.session_id)
    setattr(request, _PENDING, opened.secret)


def close_vault(request: HttpRequest) -> None:
    """Forget the vault in this browser. The slot in the vault is the caller's to delete."""
    request.session.pop(VAULT_KEY, None)
    request.session.pop(SESSION_KEY, None)
    setattr(request, _PENDING, "")


def key_of(request: HttpRequest) -> str:
    """The secret of the open session, also within the request that opened it; "" without one."""
    pending: str | None = getattr(request, _PENDING, None)
    return request.COOKIES.get(KEY_COOKIE, "") if pending is None else pending


def hand_over(request: HttpRequest, response: HttpResponse) -> None:
    """Give the browser the key after `open_vault`, take it back after `close_vault`."""
    pending: str | None = getattr(request, _PENDING, None)
    if pending:
        response.set_cookie(KEY_COOKIE, pending, **_flags(request))
    elif pending == "":
        response.delete_cookie(KEY_COOKIE, samesite="Lax")


def _flags(request: HttpRequest) -> dict[str, Any]:
    # No max_age: like Django's session cookie, it ends with the browser; the vault ends it sooner.
    secure = request.is_secure() or settings.SESSION_COOKIE_SECURE
    return {"httponly": True, "samesite": "Lax", "secure": secure}
