"""Apps that register themselves (RFC 7591), and change that (RFC 7592): allowed to anybody, in
moderation."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import (
    DynamicClientRegistrationManagementView,
    DynamicClientRegistrationView,
)

from api import throttles
from api.oauth import redirects
from vault.text import clean

_LARGEST = 16 * 1024
_PER_ADDRESS = 20


class Register(DynamicClientRegistrationView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _refusal(request) or _kept_nowhere(super().post(request, *args, **kwargs))


class Registered(DynamicClientRegistrationManagementView):  # type: ignore[misc]
    """What was not taken at the beginning is not taken later."""

    def put(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _refusal(request) or _kept_nowhere(super().put(request, *args, **kwargs))


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """None for what may go on to the library, which then reads it as it was cut here."""
    if not throttles.within("register", throttles.address_of(request), _PER_ADDRESS):
        return _refused("too_many_requests", "Too many registrations. Wait a minute.", 429)
    if len(request.body) > _LARGEST:
        return _refused("invalid_client_metadata", "That is too long for an app.", 413)
    said = _read(request.body)
    if why := redirects.trouble(said):
        return _refused("invalid_redirect_uri", why, 400)
    request._body = json.dumps(said).encode() if said else b""  # refused as no JSON
    return None


def _read(body: bytes) -> dict[str, Any]:
    """Only the grant type that we offer: the library takes one, apps such as VS Code name all.
    Nothing for what is no JSON object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    kinds = said.get("grant_types")
    if isinstance(kinds, list) and "authorization_code" in kinds:
        said["grant_types"] = ["authorization_code"]
    name = said.get("client_name")
    # The database takes no NUL, no half letters and no null.
    said["client_name"] = clean(name) if isinstance(name, str) else ""
    return said


def _kept_nowhere(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


def _refused(error: str, why: str, status: int) -> HttpResponse:
    return JsonResponse({"error": error, "error_description": why}, status=status)
