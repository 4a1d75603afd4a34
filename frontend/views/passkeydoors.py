"""Coming in by passkey: signing in, opening the vault, and a new password for one forgotten."""

from typing import Any

from allauth.account.forms import SetPasswordForm
from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.passkeys import PasskeyRecoverForm
from frontend.signin import passkeys as devices
from frontend.signin.accounts import remember_passkey
from frontend.signin.gate import VaultRequest, next_page, vault_required
from frontend.signin.passkeyproof import ProofForm, SignInForm, reasons
from frontend.signin.session import open_vault
from frontend.signin.stepup import check_password, owner_key_by_passkey, owner_of
from frontend.views.doors import recover_page, unlock_page
from vault import vaults
from vault.errors import Tampered, WrongSecret
from vault.keys import passkeys

OTHER_WAY = _("This passkey signs you in, but does not open your vault. Use another way.")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignIn(LoginWebAuthnView):
    """Signs in, and opens the vault in the same gesture where the device can do that."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return JsonResponse(devices.to_sign_in())

    @method_decorator(sensitive_variables())
    def form_valid(self, form: SignInForm) -> HttpResponse:
        output = form.cleaned_data["prf"]
        if output:
            user = form.cleaned_data["credential"].user
            remember_passkey(self.request, user, form.credential_id, output)
        answer: HttpResponse = super().form_valid(form)
        return answer

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        for reason in reasons(form):
            messages.error(self.request, reason)
        return redirect("account_login")


@login_required
def options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask the device for, to open the vault of whoever is signed in."""
    return JsonResponse(devices.to_open(owner_of(request)))


@require_POST
@login_required
@sensitive_post_parameters()
@sensitive_variables()
def unlock(request: HttpRequest) -> HttpResponse:
    """Open the vault with a passkey alone."""
    user = owner_of(request)
    proof = ProofForm(request.POST, user=user)
    if not proof.is_valid():
        return unlock_page(request, trouble=reasons(proof))
    try:
        opened = passkeys.unlock(owner_id=user.pk, **proof.said)
    except WrongSecret:
        return unlock_page(request, trouble=[str(OTHER_WAY)])
    except Tampered:
        return redirect("checkup-vault")
    open_vault(request, opened)
    return redirect(next_page(request))


@require_POST
@login_required
@sensitive_post_parameters()
@sensitive_variables()
def recover(request: HttpRequest) -> HttpResponse:
    """After a reset by e-mail: with a passkey, the new password opens the vault again."""
    form = PasskeyRecoverForm(request.POST)
    if not form.is_valid():
        return recover_page(request, passkey_form=form)
    password = form.cleaned_data["password"]
    try:
        check_password(request, password)
        owner = owner_key_by_passkey(request)
    except ValidationError as error:
        form.add_error("password", error)
        return recover_page(request, passkey_form=form)
    hash_ = owner_of(request).password
    try:
        opened = vaults.adopt_password(owner, password=password, password_hash=hash_)
    except Tampered:
        return redirect("checkup-vault")
    open_vault(request, opened)
    return redirect(next_page(request))


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def new_password(request: VaultRequest) -> HttpResponse:
    """Another password without the old one, by a passkey that opens the vault."""
    user = owner_of(request)
    form = SetPasswordForm(user, request.POST or None)
    if form.is_valid():
        password = form.cleaned_data["password1"]
        try:
            owner = owner_key_by_passkey(request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            with transaction.atomic():
                form.save()
                secret = {"password": password, "password_hash": user.password}
                opened = vaults.adopt_password(owner, **secret)
            finalize_password_change(request, user)
            open_vault(request, opened)
            return redirect("keys")
    return render(request, "pages/passkey_password.html", {"form": form})
