"""The forms around passkeys: make one, name one, let one open the vault after a reset."""

from typing import Any

from allauth.mfa.webauthn.internal import auth
from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.basic import UnlockForm
from frontend.signin.passkeyproof import CredentialField, OutputField, refusing_what_is_malformed
from frontend.signin.stepup import StepUpForm
from vault.keys.passkeys import LONGEST_NAME


class PasskeyRecoverForm(UnlockForm):
    """After a reset by e-mail: a passkey opens the vault for the new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Beside the recovery code's form, which asks for the password as well.
        kwargs.setdefault("auto_id", "passkey_%s")
        super().__init__(*args, **kwargs)


class NameForm(forms.Form):
    """What its owner calls a passkey."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)


class NewPasskeyForm(StepUpForm):
    """A name for a new passkey. It gets the vault's key, so the password is asked."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        initial=_("This device"),
        help_text=_("So that you know it again, such as “my phone”."),
    )
    by_passkey = False  # its button makes one


class MadeForm(forms.Form):
    """A passkey just made on a device, and its name."""

    credential = CredentialField()
    prf = OutputField()

    def clean_credential(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cleaned_data["credential"]
        with refusing_what_is_malformed():
            auth.parse_registration_response(told)
            made = auth.complete_registration(told)
            if made.credential_data is None or not made.is_user_verified():
                raise ValueError
            self.credential_id = bytes(made.credential_data.credential_id)
        return told
