"""The form for another e-mail address of the account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.signin.address import LONGEST
from frontend.signin.stepup import StepUpForm


class AddressForm(StepUpForm):
    """Whoever has the account's address can reset its password, so the password is asked."""

    address = forms.EmailField(
        label=_("New e-mail address"),
        max_length=LONGEST,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _("Asked again so that nobody but you changes it.")
