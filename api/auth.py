"""Who is asking: a grantee by its token, or the owner by the session of their own pages.

Either way `request.auth` is the `Access`, and everything behind goes by that alone.
"""

import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api import throttles
from api.challenges import challenge
from vault import access
from vault.errors import Locked
from vault.granting import audience

_TOKEN = re.compile(r"satchel_[A-Za-z0-9_-]{64}")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer satchel_...`. A token anywhere else, as in the URL, is not looked at.

    One answer for every token that does not work: malformed, unknown, expired or revoked.
    """

    def authenticate(self, request: Request) -> tuple[Any, access.Access] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return AnonymousUser(), _open(token.strip(), _here(request))
        except Locked:
            throttles.count_failure(request)
            raise

    def authenticate_header(self, request: Request) -> str:
        return challenge(request)


def _here(request: Request) -> str:
    return audience.of(request.build_absolute_uri(), audience.REST)


def _open(token: str, here: str) -> access.Access:
    if not _TOKEN.fullmatch(token):
        raise Locked("This token does not work. It may have expired or been revoked.")
    return access.open_token(token, audience=here)


class OwnerSession(SessionAuthentication):
    """The owner's open vault, for their own pages; writing needs the page's CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, access.Access] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        self.enforce_csrf(request)
        opened = getattr(request._request, "access", None)
        if opened is None:
            raise Locked("Your vault is locked. Enter your password to open it.")
        return user, opened


class HasAccess(BasePermission):
    """Nothing without an opened Access."""

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.auth, access.Access)


def asker(request: Request) -> access.Access:
    """The Access of a request that passed `HasAccess`."""
    if not isinstance(request.auth, access.Access):
        raise exceptions.NotAuthenticated
    return request.auth
