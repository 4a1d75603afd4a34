"""Asking for the password again, before anything that needs the vault key itself."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from vault import vaults
from vault.errors import WrongSecret
from vault.vaultkey import OwnerKey

WRONG = "This is not your password. Check it and try again."


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


class StepUpForm(forms.Form):
    """A form that ends with the password; valid, it holds the `owner_key` for one verb."""

    owner_key: OwnerKey
    password = forms.CharField(
        label="Your password",
        strip=False,
        help_text="Asked again because this needs the key of your whole vault.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.order_fields([name for name in self.fields if name != "password"])

    @sensitive_variables()
    def clean_password(self) -> str:
        self.owner_key = owner_key(self.request, self.cleaned_data["password"])
        return ""


def owner_of(request: HttpRequest) -> AbstractBaseUser:
    """The signed-in person."""
    if not isinstance(request.user, AbstractBaseUser):
        raise TypeError("Nobody is signed in.")
    return request.user
