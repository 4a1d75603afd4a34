"""The OAuth 2.1 server that apps sign in by: what django-oauth-toolkit is told."""

from collections.abc import Mapping
from typing import Any

from vault.granting.lifetimes import ACCESS_LIFE, CODE_LIFE
from vault.granting.scopes import SCOPES, SEE

PROVIDER: Mapping[str, Any] = {
    "OAUTH2_VALIDATOR_CLASS": "api.oauth.validator.KeyValidator",
    # The default one tries passwords for whoever asks, before it looks whether that is offered.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",
    "CLIENT_SECRET_HASHER": "satchel_client",
    "SCOPES": SCOPES,
    "DEFAULT_SCOPES": [SEE],
    "ACCESS_TOKEN_GENERATOR": "api.oauth.validator.token_for",
    "REFRESH_TOKEN_GENERATOR": "api.oauth.validator.token_for",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": int(CODE_LIFE.total_seconds()),
    "ACCESS_TOKEN_EXPIRE_SECONDS": int(ACCESS_LIFE.total_seconds()),
    "PKCE_REQUIRED": True,
    "REQUEST_APPROVAL_PROMPT": "force",
    "ALLOW_LOCALHOST_LOOPBACK": True,  # native apps listen on a port of their own
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http", "cursor"],
    **{
        f"COMPLIANT_BCP_RFC9700_{rule}": True
        for rule in (
            *("IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT"),
            *("AUTHZ_RESPONSE_ISS", "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_MATCHING"),
            "PKCE_REQUIRED",
        )
    },
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "CIMD_ENABLED": True,
    "CIMD_METADATA_FETCHER": "api.oauth.clients.Fetcher",
    "CIMD_REGISTRATION_PERMISSION_CLASSES": ("api.oauth.clients.Unhurried",),
    "DCR_ENABLED": True,
    "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": [
        *("none", "client_secret_basic", "client_secret_post"),
    ],
    "OAUTH2_PROTECTED_RESOURCE_NAME": "Satchel",
}
