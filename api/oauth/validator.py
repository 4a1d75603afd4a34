"""The rules of codes and tokens, for django-oauth-toolkit: ours are keys to a grant.

The library checks the protocol: clients, redirects, PKCE, scopes. What a code or token opens, and
whether it was used before, `vault.granting.families` knows; its own tables of tokens stay empty.
"""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error, InvalidGrantError

from vault.errors import Locked
from vault.granting import families, tokens
from vault.models import Vault
from vault.scope import vault_scope


def token_for(request: Request) -> str:
    """A new token for the vault whose code or refresh token is being exchanged."""
    return tokens.new(request.opened.slot.vault_id)


class KeyValidator(OAuth2Validator):  # type: ignore[misc]
    def _load_application(self, client_id: str | None, request: Request) -> Any:
        """The library expects another error from the database for what that cannot hold."""
        if client_id and "\0" in client_id:
            return None
        return super()._load_application(client_id, request)

    def _create_authorization_code(self, request: Request, code: dict[str, str], *a: Any) -> Any:
        """The consent page left the grant and its key on the request."""
        grant, key = request.vault_grant
        with vault_scope(grant.vault_id):
            code["code"] = families.begin(
                grant, key, request.client_id, request.resource[0], request.scopes
            )
        request.nonce = request.claims = None  # of OpenID, and of any length: nobody asks for them
        return super()._create_authorization_code(request, code, *a)

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *a: Any, **kw: Any
    ) -> bool:
        try:
            request.opened = families.opened(code, tokens.CODE, client_id)
        except Locked:
            return False
        return bool(super().validate_code(client_id, code, client, request, *a, **kw))

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *a: Any, **kw: Any
    ) -> bool:
        try:
            request.opened = families.opened(refresh_token, tokens.REFRESH, client.client_id)
        except Locked:
            return False
        vault = Vault.objects.select_related("owner").get(id=request.opened.slot.vault_id)
        request.user = vault.owner
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *a: Any) -> list[str]:
        return sorted(request.opened.reach.scopes)

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *a: Any, **kw: Any
    ) -> None:
        _check_audience(request)
        scopes = frozenset(token["scope"].split())
        try:
            families.give(request.opened, token["access_token"], token.get("refresh_token"), scopes)
        except Locked:
            raise InvalidGrantError(request=request) from None

    def revoke_token(self, token: str, hint: str, request: Request, *a: Any, **kw: Any) -> None:
        try:
            families.end(token, request.client.client_id)
        except Locked:
            return  # nothing of ours, or not any more: RFC 7009 answers 200

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        """Whoever asks for memories is checked by `vault.access.open_token`, nowhere else."""
        return False


def _check_audience(request: Request) -> None:
    named = [value for name, value in request.decoded_body or [] if name == "resource"]
    if any(value.rstrip("/") != request.opened.reach.audience for value in named):
        raise CustomOAuth2Error(
            error="invalid_target",
            description="The code or refresh token is for another resource.",
            request=request,
        )
