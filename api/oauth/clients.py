"""Apps that name themselves by the address of a document about them (client id metadata)."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from oauth2_provider.cimd import CIMDError, _validate_client_id_url
from oauthlib.common import Request

from api import throttles
from api.oauth import redirects
from vault.outbound import Answer
from vault.outbound.configured import outbound
from vault.outbound.errors import OutboundError
from vault.text import clean

_LARGEST = 16 * 1024
_SECONDS = 5.0
PER_ADDRESS = 30
"""Documents read in a minute."""
FRESH = 60 * 60
"""Seconds until the document is read again: an app that changed its addresses waits an hour."""


class Unhurried:
    """Documents are read where a person is asked, and no more of them than one with many apps
    needs. Elsewhere, strangers could have this server call others: an app that nobody was asked
    about has no code to exchange."""

    def has_permission(self, request: Request, client_id: str) -> bool:
        if urlsplit(request.uri).path != reverse("oauth2_provider:authorize"):
            return False
        return throttles.within("cimd", throttles.address_by(request.headers), PER_ADDRESS)


class Fetcher:
    """Reads a document through the guard that all calls to other servers go through."""

    def fetch(self, client_id: str) -> tuple[dict[str, Any], int]:
        _validate_client_id_url(client_id)
        if not redirects.is_written_plainly(client_id):
            raise CIMDError("The address has characters that addresses do not have.")
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
        if not isinstance(said, dict) or not _is_published(answer):
            raise CIMDError("The document is not there, or is no JSON object.")
        if why := redirects.trouble(said):
            raise CIMDError(why)
        return _narrowed(said), FRESH


def _is_published(answer: Answer) -> bool:
    """Whether its host calls it JSON: not so what people may leave there, such as a text file."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


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
    if isinstance(name := said.get("client_name"), str):
        cut["client_name"] = clean(name)  # the database takes no NUL and no half letters
    return cut
