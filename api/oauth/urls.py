"""The addresses of the authorization server, but for the consent page. The namespace is the
library's: it looks its own addresses up by it."""

from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView

from api.oauth.endpoints import Resource, Revoke, Token
from api.oauth.registration import Register, Registered

NAMESPACE = "oauth2_provider"
_server = OAuthServerMetadataView.as_view()
_resource = Resource.as_view()
_registered = Registered.as_view()
patterns = [
    path(".well-known/oauth-authorization-server", _server, name="oauth-server-metadata"),
    path(".well-known/oauth-protected-resource", _resource, name="oauth-resource-metadata"),
    path(".well-known/oauth-protected-resource/mcp", _resource, name="mcp-metadata"),
    path(".well-known/oauth-protected-resource/api/v1", _resource, name="rest-metadata"),
    path("oauth/token", Token.as_view(), name="token"),
    path("oauth/revoke", Revoke.as_view(), name="revoke-token"),
    path("oauth/register", Register.as_view(), name="dcr-register"),
    path("oauth/register/<str:client_id>", _registered, name="dcr-register-management"),
]
