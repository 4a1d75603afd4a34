"""Apps that name themselves by the address of a document about them (client id metadata)."""

import json
from typing import Any

from oauth2_provider.cimd import CIMDError
from oauthlib.common import Request

from api import throttles
from api.oauth import redirects
from vault.outbound.configured import outbound
from vault.outbound.errors import OutboundError

_LARGEST = 16 * 1024
_SECONDS = 5.0
FRESH = 60 * 60
"""Seconds until the document is read again: an app that changed its addresses waits an hour."""


class Unhurried:
    """No address has us fetch more documents than a person with many apps needs."""

    def has_permission(self, request: Request, client_id: str) -> bool:
        return throttles.within("cimd", request.headers.get("REMOTE_ADDR", ""), 30)


class Fetcher:
    """Reads a document through the guard that all calls to other servers go through."""

    def fetch(self, client_id: str) -> tuple[dict[str, Any], int]:
        try:
            answer = outbound().send(
                "GET",
                client_id,
                headers={"Accept": "application/json"},
                size=_LARGEST,
                seconds=_SECONDS,
            )
            said = json.loads(answer.body) if answer.status == 200 else None
        except (OutboundError, ValueError, RecursionError) as error:
            raise CIMDError(f"The document cannot be read ({type(error).__name__}).") from None
        if not isinstance(said, dict):
            raise CIMDError("The document is not there, or is no JSON object.")
        if redirects.in_the_clear(said):
            raise CIMDError("Plain http is for addresses of the person's own computer only.")
        return _narrowed(said), FRESH


def _narrowed(said: dict[str, Any]) -> dict[str, Any]:
    """What an app says it can do, cut to what we offer: one grant type, and no secret.

    The library refuses documents that offer more, such as VS Code's and ChatGPT's.
    """
    kinds = said.get("grant_types", ["authorization_code"])
    methods = said.get("token_endpoint_auth_methods_supported", [])
    cut = dict(said)
    if isinstance(kinds, list) and "authorization_code" in kinds:
        cut["grant_types"] = ["authorization_code", "refresh_token"]
    if isinstance(methods, list) and "none" in methods:
        cut["token_endpoint_auth_method"] = "none"  # noqa: S105
    return cut
