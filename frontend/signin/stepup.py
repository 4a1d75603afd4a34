"""Asking for the password or a passkey again, before anything that needs the vault key itself."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from frontend.signin.passkeyproof import ProofForm, reasons
from vault import vaults
from vault.errors import WrongSecret
from vault.keys import passkeys
from vault.keys.vaultkey import OwnerKey

WRONG = _("This is not your password. Check it and try again.")


@sensitive_variables()
def check_password(request: HttpRequest, password: str) -> None:
    """ValidationError when it is not the login's password, or was tried too often."""
    if not get_adapter().reauthenticate(owner_of(request), password):
        raise ValidationError(WRONG)


@sensitive_variables()
def owner_key(request: HttpRequest, password: str) -> OwnerKey:
    """The key for one verb, by the password. ValidationError when the password is wrong."""
    check_password(request, password)
    user = owner_of(request)
    try:
        return vaults.owner_key(owner_id=user.pk, password=password, password_hash=user.password)
    except WrongSecret as error:
        raise ValidationError(str(error)) from None


@sensitive_variables()
def owner_key_by_passkey(request: HttpRequest) -> OwnerKey:
    """The key for one verb, by the passkey sent along. ValidationError when it does not open the
    vault, or was tried too often."""
    user = owner_of(request)
    proof = ProofForm(request.POST, user=user)
    if not proof.is_valid():
        raise ValidationError(reasons(proof))
    try:
        return passkeys.owner_key(owner_id=user.pk, **proof.said)
    except WrongSecret as error:
        raise ValidationError(str(error)) from None


class PasswordInput(forms.PasswordInput):
    """With a button for a passkey instead, when the person has one that opens the vault."""

    template_name = "forms/stepup.html"
    offers_passkey = False

    def get_context(self, *args: Any) -> dict[str, Any]:
        return super().get_context(*args) | {"offers_passkey": self.offers_passkey}


class StepUpForm(forms.Form):
    """A form that ends with the password, or a passkey in its place; valid, it holds the
    `owner_key` for one verb. `by_passkey = False` for one that takes the password alone."""

    owner_key: OwnerKey
    by_passkey = True
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        help_text=_("Asked again because this needs the key of your whole vault."),
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.order_fields([name for name in self.fields if name != "password"])
        self._shows_passkey = self.by_passkey and bool(self.data.get("credential"))
        field = self.fields["password"]
        field.required = field.required and not self._shows_passkey
        has_one = self.by_passkey and passkeys.credentials(owner_of(request).pk)
        field.widget.offers_passkey = bool(has_one)
        # What a passkey sends is as secret as the password; views name that one only.
        request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]

    @sensitive_variables()
    def clean_password(self) -> str:
        if self._shows_passkey:
            self.owner_key = owner_key_by_passkey(self.request)
        else:
            self.owner_key = owner_key(self.request, self.cleaned_data["password"])
        return ""


def owner_of(request: HttpRequest) -> AbstractBaseUser:
    """The signed-in person."""
    if not isinstance(request.user, AbstractBaseUser):
        raise TypeError("Nobody is signed in.")
    return request.user
