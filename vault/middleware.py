"""Opens the owner's Access for a web request, from the session and its own cookie."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from vault import access as accesses
from vault.access import Access
from vault.errors import Locked
from vault.keys.hashers import remembering_derivations
from vault.reviewing import suggestions

KEY_COOKIE = "satchel_key"
VAULT_KEY = "vault_id"
SESSION_KEY = "vault_session_id"


class VaultMiddleware:
    """Sets `request.access`: an Access while the vault is open, else None.

    A login and the opening of the vault in one request share one derivation of the password.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with remembering_derivations():
            request.access = _open(request)  # type: ignore[attr-defined]
            return self.get_response(request)


def _open(request: HttpRequest) -> Access | None:
    secret = request.COOKIES.get(KEY_COOKIE)
    if not secret or not request.user.is_authenticated:
        return None
    session_id, vault_id = request.session.get(SESSION_KEY), request.session.get(VAULT_KEY)
    if not session_id or not vault_id:
        return None
    try:
        access = accesses.open_session(UUID(session_id), UUID(vault_id), secret)
    except Locked:
        return None
    suggestions.take_in(access)
    return access
