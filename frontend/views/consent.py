"""The consent page: an app asks to be connected, its owner chooses what it gets."""

import re
from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_backends import _add_iss_to_redirect
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import AuthorizationView
from oauthlib.oauth2.rfc6749.errors import (
    CustomOAuth2Error,
    InvalidClientIdError,
    MissingClientIdError,
)

from frontend.forms.consent import ConsentForm
from frontend.presenters.consentpage import Asked
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.signin.visitors import place_of
from vault.errors import Invalid
from vault.granting import audience

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What S256 makes of any verifier."""


@method_decorator(keeps_typed(fields_of(ConsentForm, "see-", "add-"), whole=True), name="dispatch")
@method_decorator(vault_required, name="dispatch")  # type: ignore[arg-type]
class Consent(AuthorizationView):  # type: ignore[misc]
    """The library checks what the app asks for; everything is read from the address, each time."""

    def get(self, request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._answer(request)

    def post(self, request: VaultRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._answer(request)

    @sensitive_variables()
    def _answer(self, request: VaultRequest) -> HttpResponse:
        asked = copy(request)  # the form's fields are no business of the protocol
        asked.method, asked._post = "GET", QueryDict()  # type: ignore[attr-defined]
        try:
            scopes, credentials = self.validate_authorization_request(asked)
        except OAuthToolkitError as error:
            return self.error_response(error, application=None)
        app = get_application_model().objects.get(client_id=credentials["client_id"])
        try:
            wanted = _checked(request, credentials)
            if "deny" in request.POST:
                self.create_authorization_response(asked, "", credentials, False)
            page = Asked(request, app, scopes, credentials["redirect_uri"])
            hand_back(request, page.form)
            if page.allowed:
                try:
                    credentials["vault_grant"] = page.connected()
                    credentials["resource"] = [wanted]
                    address, *_ = self.create_authorization_response(
                        asked, " ".join(scopes), credentials, True
                    )
                except Invalid as error:
                    page.form.add_error(None, str(error))
                else:
                    return self.redirect(address, app)
        except OAuthToolkitError as error:
            return self.error_response(error, app)
        return _shown(request, page)

    def error_response(self, error: OAuthToolkitError, application: Any) -> HttpResponse:
        answer: HttpResponse = super().error_response(error, application)
        return answer

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """What is wrong in a way that must not be told to the address that was given."""
        unknown = isinstance(context["error"], (InvalidClientIdError, MissingClientIdError))
        told = {"unknown": unknown}
        return render(self.request, "pages/consent_refused.html", told, **kwargs)

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """With the issuer on errors too: apps refuse an answer without it."""
        issuer = oauth2_settings.oauth2_authorization_server_issuer(self.request)
        answer: HttpResponse = super().redirect(
            _add_iss_to_redirect(redirect_to, issuer), application
        )
        return answer


def _shown(request: VaultRequest, page: Asked) -> HttpResponse:
    if page.preview is not None and request.htmx:
        return render(request, "pages/consent_preview.html", {"asked": page})
    answer = render(request, page.template, {"asked": page, "form": page.form})
    # Chromium holds redirects after a form to this rule, too.
    answer._csp_update = {"form-action": [place_of(page.leads_to).origin]}  # type: ignore[attr-defined]
    return answer


def _checked(request: HttpRequest, credentials: dict[str, Any]) -> str:
    """The address that the tokens are to work at. OAuthToolkitError for what we do not offer."""
    wanted = audience.asked_for(_base(request), request.GET.getlist("resource"))
    if wanted is None:
        raise _refused("invalid_target", "The resource is not one of this server.", credentials)
    if credentials.get("code_challenge_method") != "S256":
        raise _refused("invalid_request", "Only S256 is supported.", credentials)
    if not _CHALLENGE.fullmatch(credentials.get("code_challenge") or ""):
        raise _refused("invalid_request", "The challenge is no SHA-256.", credentials)
    return wanted


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _refused(error: str, why: str, credentials: dict[str, Any]) -> OAuthToolkitError:
    told = CustomOAuth2Error(error=error, description=why, state=credentials.get("state"))
    return OAuthToolkitError(error=told, redirect_uri=credentials["redirect_uri"])
