"""What a browser sends of a passkey: the proof that signs in, and the output that may open a vault.

Both come from outside, also from strangers: anything malformed is an answer like a wrong one.
"""

import base64
import binascii
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

LONGEST = 32_768
"""Characters that a browser's answer may have: a few certificates at most."""
WRONG = _("This passkey did not work. Try again, or use your password.")
# What fido2 and cbor raise on bytes that are not what they should be.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error)


@contextmanager
def refusing_what_is_malformed() -> Iterator[None]:
    """Whatever is wrong with a passkey's answer, these are the words for it."""
    try:
        yield
    except _MALFORMED:
        raise ValidationError(WRONG) from None
    except ValidationError as error:
        if error.code == "incorrect_code":  # allauth speaks of codes here
            raise ValidationError(WRONG) from None
        raise


class CredentialField(forms.JSONField):
    """A credential as the browser's own JSON, without what its extensions answered: allauth keeps
    it as it is, and the vault's key must not be in there."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def clean(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, str) or len(value) > LONGEST:
            raise ValidationError(WRONG)
        with refusing_what_is_malformed():
            told: dict[str, Any] = json.loads(value)
            answered = told.get("clientExtensionResults", {})
            resident = answered.get("credProps", {}).get("rk") is True
            return told | {"clientExtensionResults": {"credProps": {"rk": resident}}}


class OutputField(forms.CharField):
    """The 32 bytes that may open the vault, in base64url; none when the device gave none."""

    def __init__(self) -> None:
        super().__init__(max_length=64, widget=forms.HiddenInput, required=False, strip=False)

    @sensitive_variables()
    def clean(self, value: Any) -> bytes:
        text = super().clean(value)
        try:
            padded = text + "=" * (-len(text) % 4)
            return base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError(WRONG) from None


class ProofForm(AuthenticateWebAuthnForm):
    """A passkey of the person who is signed in, shown again."""

    credential = CredentialField()
    prf = OutputField()

    def clean_credential(self) -> Authenticator:
        with refusing_what_is_malformed():
            return super().clean_credential()

    @property
    def credential_id(self) -> bytes:
        """Once valid: which passkey it was."""
        return id_of(self.cleaned_data["credential"])

    @property
    def said(self) -> dict[str, bytes]:
        """Once valid: what the vault's verbs ask for."""
        return {"credential_id": self.credential_id, "prf_output": self.cleaned_data["prf"]}


class SignInForm(ProofForm, LoginWebAuthnForm):
    """A passkey of whoever is at the door: it says itself whose it is."""


def id_of(authenticator: Authenticator) -> bytes:
    """The credential id of a passkey that signs in."""
    stored: Any = authenticator
    return bytes(stored.wrap().authenticator_data.credential_data.credential_id)


def reasons(form: forms.Form) -> list[str]:
    """Why a form did not pass, each once."""
    return sorted({str(word) for words in form.errors.values() for word in words})
