"""For whom a page was made that a form comes from, though nobody, or somebody else, is signed in by
now.

Every sign-in makes another secret for the forms of its pages. The browser keeps, signed, to which
account the last of them belonged: as keyed names, of the secrets and of the accounts. With them is
a key of that sign-in, for words put aside: of two requests at once, which each put some aside, it
does not matter whose answer comes last.
"""

from typing import TypedDict

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
from vault import aside

_COOKIE = "satchel_whose"
_REMEMBERED = 4
"""Sign-ins, of which pages may still be open in some tab."""


class _Kept(TypedDict):
    key: str
    pages: dict[str, str]


def note(request: HttpRequest, account: int) -> None:
    """After a sign-in: pages from now on are made for this account."""
    pairs = {
        _name("form", _secret(get_token(request))): of_account(account),
        **_kept(request)["pages"],
    }
    kept: _Kept = {"key": aside.new_key(), "pages": dict(list(pairs.items())[:_REMEMBERED])}
    set_cookie(request, _COOKIE, signing.dumps(kept, salt=_COOKIE))


def of_page(request: HttpRequest) -> str:
    """The keyed name of the account for which the page was made that sends this form; "" when that
    is not known."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    try:
        _check_token_format(token)
    except InvalidTokenFormat:
        return ""
    return _kept(request)["pages"].get(_name("form", _secret(token)), "")


def of_account(account: int) -> str:
    return _name("account", str(account))


def key(request: HttpRequest) -> str:
    """Of the last sign-in in this browser; "" where there was none. It is kept nowhere else."""
    return _kept(request)["key"]


def _kept(request: HttpRequest) -> _Kept:
    try:
        kept: _Kept = signing.loads(cookie(request, _COOKIE), salt=_COOKIE)
    except signing.BadSignature:
        return {"key": "", "pages": {}}
    return kept


def _secret(token: str) -> str:
    return str(_unmask_cipher_token(token))


def _name(what: str, of: str) -> str:
    return salted_hmac(f"satchel.whose.{what}", of, algorithm="sha256").hexdigest()[:24]
