"""`WWW-Authenticate`: tells an app where to ask the owner, and for what (RFC 6750, RFC 9728)."""

from collections.abc import Iterable

from rest_framework import exceptions
from rest_framework.request import Request

from vault.access import Access
from vault.granting import audience
from vault.granting.scopes import ADD, SEE, SUGGEST

Ways = tuple[frozenset[str], ...]
"""Sets of scopes, each of which is enough; the first is what an app is told to ask for."""

READING: Ways = (frozenset({SEE}),)
ADDING: Ways = (frozenset({ADD}), frozenset({SUGGEST}))
CHANGING: Ways = (frozenset({SEE, ADD}), frozenset({SEE, SUGGEST}))


class InsufficientScope(exceptions.APIException):
    """This token was not made for this. Ask its owner for those that WWW-Authenticate names."""

    status_code = 403

    def __init__(self, scopes: Iterable[str]) -> None:
        super().__init__()
        self.scopes = sorted(scopes)


def must_reach(access: Access, ways: Ways) -> None:
    """InsufficientScope unless the token's scopes are enough. What has no scopes, an API token or
    the owner's session, does what its rights say."""
    held = access.scopes
    if held is None or not ways or any(way <= held for way in ways):
        return
    raise InsufficientScope(ways[0] | (held & {SEE, SUGGEST, ADD}))


def challenge(request: Request, scopes: Iterable[str] = (SEE,), error: str = "") -> str:
    """For a 401, or with `error` for a token that was sent and is not enough."""
    here = request.build_absolute_uri()
    parts = {
        "realm": "satchel",
        "resource_metadata": audience.of(
            here, "/.well-known/oauth-protected-resource" + audience.REST
        ),
        "scope": " ".join(sorted(scopes)),
        "error": error,
    }
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
