"""The forms of the access log: how long it is kept, and an earlier export to hold against it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from frontend.signin.stepup import StepUpForm
from vault.log.log_keeping import PERIODS

_WORDS = {
    None: gettext_lazy("For ever"),
    365: gettext_lazy("For a year"),
    90: gettext_lazy("For 90 days"),
    30: gettext_lazy("For 30 days"),
}


class KeepForm(StepUpForm):
    """How long lines are kept. The password is asked, since deleted lines do not come back."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("Keep each line"),
        choices=[(str(days or ""), _WORDS[days]) for days in PERIODS],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = gettext(
            "Asked again because deleted lines do not come back."
        )


class CompareForm(forms.Form):
    """An export, as a file or as the lines in it."""

    export = forms.FileField(
        label=gettext_lazy("The file"),
        required=False,
        help_text=gettext_lazy("A .ndjson file that you exported here."),
    )
    lines = forms.CharField(
        label=gettext_lazy("Or its lines"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("The last line alone is enough to compare where the log ended."),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("export") is None and not said.get("lines", "").strip():
            raise ValidationError(gettext("Choose a file, or paste the lines of one."))
        return said
