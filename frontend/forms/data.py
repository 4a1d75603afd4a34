"""The forms of taking a vault out, bringing one back, and erasing everything."""

import re
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from frontend.signin.stepup import StepUpForm
from frontend.words.numbers import number
from vault.archive import passphrases
from vault.errors import Invalid

_DIGIT = re.compile(r"[0-9]")
_BETWEEN = re.compile("[\\s.,'\u2019]")  # as people set thousands apart
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class ExportForm(StepUpForm):
    """What goes along, and the passphrase, typed twice. `offered` is one made up for the person."""

    passphrase = forms.CharField(
        label=_("A passphrase for the archive"),
        strip=False,
        max_length=passphrases.LONGEST,
        help_text=format_lazy(
            _(
                "At least {shortest} characters: four or five words that do not belong together, or"
                " the one we made for you. Not your password."
            ),
            shortest=passphrases.SHORTEST,
        ),
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    again = forms.CharField(
        label=_("The same passphrase again"),
        strip=False,
        max_length=passphrases.LONGEST,
        help_text=_(
            "Whoever has the file and the passphrase can read everything; without the passphrase"
            " nobody can, and we do not know it."
        ),
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    vectors = forms.BooleanField(
        label=_("With what search by meaning needs"),
        required=False,
        help_text=_("Makes the file several times larger. Without it, restoring takes longer."),
    )
    embedder_keys = forms.BooleanField(
        label=_("With the API keys of embedding servers"),
        required=False,
        help_text=_("Only if you set one. Their addresses go along in any case."),
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
            self.add_error("passphrase", gettext("Use another one than your password."))
        return said


class OpenArchiveForm(StepUpForm):
    """The passphrase of an archive that was brought."""

    passphrase = forms.CharField(
        label=_("The archive's passphrase"),
        strip=False,
        max_length=passphrases.LONGEST,
        help_text=_("The one you typed twice when you made it."),
        widget=forms.PasswordInput(attrs=_PLAIN),
    )
    embedders = forms.BooleanField(
        label=_("Use the archive's embedding server again"),
        required=False,
        help_text=_("Only matters if you had set one. It sees the words of everything you add."),
    )


class EraseForm(StepUpForm):
    """Typed, so that it does not happen by a slip: how many memories are erased, `total`."""

    account = forms.ChoiceField(
        label=_("And your account?"),
        choices=[
            ("delete", _("Delete it too: nothing of you stays here")),
            ("keep", _("Keep it, for a new and empty vault")),
        ],
        initial="delete",
        widget=forms.RadioSelect,
    )
    confirm = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"})
    )

    def __init__(self, *args: Any, total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._total = total
        self.fields["confirm"].label = self._asked()

    def _asked(self) -> str:
        said = gettext("Type the number of memories that are erased: %(count)s")
        return said % {"count": number(self._total)}

    def clean_confirm(self) -> str:
        typed = "".join(_DIGIT.findall(self.cleaned_data["confirm"]))
        if _BETWEEN.sub("", self.cleaned_data["confirm"]) != typed or typed != str(self._total):
            said = gettext("Type %(count)s: so many memories are in your vault now.")
            raise forms.ValidationError(said % {"count": number(self._total)})
        return typed
