"""The second step at sign-in: a code from an app, and how allauth keeps what it needs for that."""

from typing import Any

from allauth.account.internal.stagekit import get_pending_stage
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from frontend.signin import once
from frontend.signin.accounts import hold_vault
from vault.errors import Refused
from vault.keys import server_secrets

_SECRET = "totp"  # noqa: S105  (the name under which it waits, see `frontend.signin.once`)


class SealedMFAAdapter(DefaultMFAAdapter):
    """What allauth stores of an app's secret and of spare codes opens for their account only, with
    the server's pepper."""

    @sensitive_variables()
    def encrypt(self, text: str) -> str:
        return server_secrets.seal(_account(), text)

    @sensitive_variables()
    def decrypt(self, encrypted_text: str) -> str:
        return server_secrets.open_(_account(), encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Satchel"}


class SecondStepStage(AuthenticateStage):
    """Asked of those who set up an app for it. A passkey alone does not ask for it: it is another
    way in, and two steps in one (the device, and a finger, face or PIN)."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None or not has_app(user):
            return None, True
        answer, goes_on = super().handle()
        if answer is not None:
            hold_vault(self.request, user)
        return answer, goes_on


class ActivateForm(ActivateTOTPForm):
    """A code of the new app, typed back. Its secret waits in two halves until then."""

    @sensitive_variables()
    def __init__(self, *args: Any, user: AbstractBaseUser, **kwargs: Any) -> None:
        # Not allauth's own: it would leave the secret readable in the session's row.
        forms.Form.__init__(self, *args, **kwargs)
        self.user, request = user, context.request
        self.secret = once.peek(request, _SECRET) if self.is_bound else ""
        if not self.secret:
            self.secret = generate_totp_secret()
            once.put(request, _SECRET, self.secret)

    @sensitive_variables()
    def clean_code(self) -> str:
        code: str = super().clean_code()
        once.drop(context.request, _SECRET)
        return code


def has_app(user: AbstractBaseUser) -> bool:
    """Whether a code is asked when this person signs in with the password."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))


def _account() -> int:
    """Whose secrets: of the one who is signed in, or else has passed the first step."""
    request = context.request
    if request.user.is_authenticated:
        return int(request.user.pk)
    stage = get_pending_stage(request)
    if stage is None or stage.login.user is None:
        raise Refused(gettext("Sign in first."))
    return int(stage.login.user.pk)
