"""For whom a page was made that a form comes from, though nobody, or somebody else, is signed in by
now.

Every sign-in makes another secret for the forms of its pages. The browser keeps, signed, to which
account the last of them belonged: as keyed names, of the secrets and of the accounts.
"""

from django.core import signing
from django.http import HttpRequest
from django.middleware.csrf import (  # type: ignore[attr-defined]
    InvalidTokenFormat,
    _check_token_format,
    _unmask_cipher_token,
    get_token,
)
from django.utils.crypto import salted_hmac

from frontend.signin.session import cookie, set_cookie

_COOKIE = "satchel_whose"
_REMEMBERED = 4
"""Sign-ins, of which pages may still be open in some tab."""


def note(request: HttpRequest, account: int) -> None:
    """After a sign-in: pages from now on are made for this account."""
    pairs = {_name("form", _secret(get_token(request))): of_account(account), **_known(request)}
    latest = dict(list(pairs.items())[:_REMEMBERED])
    set_cookie(request, _COOKIE, signing.dumps(latest, salt=_COOKIE))


def of_page(request: HttpRequest) -> str:
    """The keyed name of the account for which the page was made that sends this form; "" when that
    is not known."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    try:
        _check_token_format(token)
    except InvalidTokenFormat:
        return ""
    return _known(request).get(_name("form", _secret(token)), "")


def of_account(account: int) -> str:
    return _name("account", str(account))


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        known: dict[str, str] = signing.loads(cookie(request, _COOKIE), salt=_COOKIE)
    except signing.BadSignature:
        return {}
    return known


def _secret(token: str) -> str:
    return str(_unmask_cipher_token(token))


def _name(what: str, of: str) -> str:
    return salted_hmac(f"satchel.whose.{what}", of, algorithm="sha256").hexdigest()[:24]
