"""The forms of the pages. Their labels and help are what the person reads; the vault checks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from frontend.signin.stepup import StepUpForm
from frontend.words import KIND_HELP, KIND_NAMES
from vault.text import LONGEST
from vault.types import Collection

KIND_CHOICES = [(kind, KIND_NAMES[kind]) for kind in KIND_HELP]


class MemoryForm(forms.Form):
    """What is to be remembered, in the person's own words."""

    text = forms.CharField(
        label=_("What should be remembered?"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KIND_CHOICES, initial="fact")
    collection = forms.ChoiceField(label=_("Collection"))

    def __init__(self, *args: Any, collections: Sequence[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(c.id), c.name) for c in collections]
        self.fields["collection"] = forms.ChoiceField(label=_("Collection"), choices=choices)


class EditForm(forms.Form):
    """Other words for a memory. `revision` is the one that was read, so no change gets lost;
    `overtaken`: it has another by now."""

    overtaken = False

    text = forms.CharField(
        label=_("Memory"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KIND_CHOICES)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A kind that nobody writes by hand, such as a conversation, can stay what it is.
        choices = dict(KIND_CHOICES) | {kind: KIND_NAMES[kind]}
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=list(choices.items()))


class CollectionForm(StepUpForm):
    """A new collection: it gets a key of its own, so the password is asked."""

    name = forms.CharField(label=_("Name"), max_length=80)
    private = forms.BooleanField(
        label=_("Private"),
        required=False,
        help_text=_("Left out of every grant unless you tick it there."),
    )


class RenameForm(forms.Form):
    """Another name for a collection, or another mind about whether it is private."""

    name = forms.CharField(label=_("Name"), max_length=80)
    private = forms.BooleanField(label=_("Private"), required=False)


class UnlockForm(forms.Form):
    """The password, which opens the vault."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class RecoverForm(UnlockForm):
    """After a reset by e-mail: the recovery code opens the vault for the new password."""

    code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("Seven groups of four. Capitals, spaces and dashes do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}
        ),
    )
    field_order = ("code", "password")


class KitForm(forms.Form):
    """Two groups of the recovery code, typed back from the kit."""

    first = forms.CharField(max_length=60)
    second = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, groups: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, group in zip(("first", "second"), groups, strict=True):
            field = self.fields[name]
            field.label = gettext("Group %(number)s of your code") % {"number": group}
            field.widget.attrs.update(autocomplete="off", spellcheck="false", size=8)

    @sensitive_variables()
    def typed(self) -> tuple[str, str]:
        """What was typed, as codes are compared: capitals, without spaces and dashes."""
        both = (self.cleaned_data["first"], self.cleaned_data["second"])
        first, second = ("".join(c for c in text.upper() if c.isalnum()) for text in both)
        return first, second
