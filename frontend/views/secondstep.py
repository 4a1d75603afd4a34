"""Switching the second step at sign-in on and off: allauth's pages, for an open vault only.

Whoever took over a mailbox can reset the login; they must not be able to add a step to it.
"""

from typing import cast

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.forms import DeactivateTOTPForm
from allauth.mfa.totp.views import DeactivateTOTPView, activate_totp
from django.http import HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from frontend.signin.gate import VaultRequest, vault_required


class Deactivate(DeactivateTOTPView):
    """Spare codes go with the app: the next app gets new ones."""

    def form_valid(self, form: DeactivateTOTPForm) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        codes = Authenticator.Type.RECOVERY_CODES
        Authenticator.objects.filter(user_id=self.request.user.pk, type=codes).delete()
        return answer


_deactivate = Deactivate.as_view()


@vault_required
@sensitive_post_parameters()
def activate(request: VaultRequest) -> HttpResponse:
    """The code to scan, and a first code typed back."""
    return cast(HttpResponse, activate_totp(request))


@vault_required
def deactivate(request: VaultRequest) -> HttpResponse:
    return cast(HttpResponse, _deactivate(request))


@vault_required
def spare_codes(request: VaultRequest) -> HttpResponse:
    """The codes for a lost phone, shown once."""
    return view_recovery_codes(request)


@vault_required
def new_codes(request: VaultRequest) -> HttpResponse:
    return cast(HttpResponse, generate_recovery_codes(request))
