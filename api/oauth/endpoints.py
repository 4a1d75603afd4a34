"""What apps call to get, renew and give back tokens, and to learn how."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import OAuthProtectedResourceMetadataView, RevokeTokenView, TokenView

from vault.granting.scopes import OFFLINE, SCOPES


class Token(TokenView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _url, headers, body, status = self.create_token_response(request)
        return _open(HttpResponse(content=body, status=status, headers=headers))


class Revoke(RevokeTokenView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _open(super().post(request, *args, **kwargs))


class Resource(OAuthProtectedResourceMetadataView):  # type: ignore[misc]
    def get_scopes_supported(self) -> list[str]:
        """Not `offline_access`, which says nothing of a resource."""
        return sorted(SCOPES.keys() - {OFFLINE})


def _open(answer: HttpResponse) -> HttpResponse:
    """Pages of other sites may read it: what they send is all they know, no cookie counts here."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "no-store"
    return answer
