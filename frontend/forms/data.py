"""The forms of taking a vault out, bringing one back, and erasing everything."""

from typing import Any

from django import forms
from django.views.decorators.debug import sensitive_variables

from frontend.signin.stepup import StepUpForm, owner_of
from vault.archive import passphrases
from vault.errors import Invalid

ERASE = "erase"
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class ExportForm(StepUpForm):
    """What goes along, and the passphrase, typed twice. `offered` is one made up for the person."""

    passphrase = forms.CharField(
        label="A passphrase for the archive",
        strip=False,
        max_length=passphrases.LONGEST,
        help_text=f"At least {passphrases.SHORTEST} characters: four or five words that do not"
        " belong together, or the one we made for you. Not your password.",
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    again = forms.CharField(
        label="The same passphrase again",
        strip=False,
        max_length=passphrases.LONGEST,
        help_text="Whoever has the file and the passphrase can read everything; without the"
        " passphrase nobody can, and we do not know it.",
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    vectors = forms.BooleanField(
        label="With what search by meaning needs",
        required=False,
        help_text="Makes the file several times larger. Without it, restoring takes longer.",
    )
    embedder_keys = forms.BooleanField(
        label="With the API keys of embedding servers",
        required=False,
        help_text="Only if you set one. Their addresses go along in any case.",
    )
    offered = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "passphrase" in said and "again" in said:
            try:
                passphrases.check(said["passphrase"], said["again"])
            except Invalid as error:
                self.add_error(error.field, str(error))
        if said.get("passphrase") and said["passphrase"] == self.data.get("password"):
            self.add_error("passphrase", "Use another one than your password.")
        return said


class OpenArchiveForm(StepUpForm):
    """The passphrase of an archive that was brought."""

    passphrase = forms.CharField(
        label="The archive's passphrase",
        strip=False,
        max_length=passphrases.LONGEST,
        help_text="The one you typed twice when you made it.",
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    embedders = forms.BooleanField(
        label="Use the archive's embedding server again",
        required=False,
        help_text="Only matters if you had set one. It sees the words of everything you add.",
    )


class EraseForm(StepUpForm):
    """Typed, so that it does not happen by a slip: the word or the address of the account."""

    account = forms.ChoiceField(
        label="And your account?",
        choices=[
            ("delete", "Delete it too: nothing of you stays here"),
            ("keep", "Keep it, for a new and empty vault"),
        ],
        initial="delete",
        widget=forms.RadioSelect,
    )
    confirm = forms.CharField(
        label="Type “erase” or your e-mail address",
        max_length=254,
        widget=forms.TextInput(attrs={**_PLAIN, "autocapitalize": "none"}),
    )

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"].strip().lower()
        if typed not in (ERASE, owner_of(self.request).email.lower()):  # type: ignore[attr-defined]
            raise forms.ValidationError("Type the word erase, or the address you sign in with.")
        return str(typed)
