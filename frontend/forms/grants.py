"""The forms of a grant: per collection what it may see and add, until when, and the password."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from frontend.signin.stepup import StepUpForm
from vault.access import Access
from vault.granting import grants
from vault.keys.vaultkey import OwnerKey
from vault.types import Collection, Grant, Right

ADD_CHOICES = [
    ("no", pgettext_lazy("may add", "no")),
    ("ask", pgettext_lazy("may add", "ask me")),
    ("yes", pgettext_lazy("may add", "yes")),
]
LIFETIMES = [
    ("7", gettext_lazy("In a week")),
    ("30", gettext_lazy("In a month")),
    ("90", gettext_lazy("In three months")),
    ("365", gettext_lazy("In a year")),
]


@dataclass(frozen=True, slots=True)
class Line:
    """One collection's row of the form."""

    collection: Collection
    see: BoundField
    add: BoundField


class RightsForm(StepUpForm):
    """What both forms have. Valid, it knows the `rights` and the moment of the end."""

    ends = forms.ChoiceField(label=gettext_lazy("Ends"), choices=LIFETIMES, initial="90")
    confirmed_only = forms.BooleanField(
        label=gettext_lazy("Only what I wrote or confirmed"),
        required=False,
        help_text=gettext_lazy(
            "It is not shown what apps and imports brought until you have confirmed it."
        ),
    )
    later = forms.BooleanField(
        label=gettext_lazy("Later memories too"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Without this, it sees of each collection what is there now and what it adds itself,"
            " nothing that you add or move there later."
        ),
    )

    def __init__(
        self,
        *args: Any,
        request: HttpRequest,
        collections: Sequence[Collection],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.collections = collections
        for one in collections:
            self.fields[f"see-{one.id}"] = forms.BooleanField(
                required=False, label=gettext("May see")
            )
            self.fields[f"add-{one.id}"] = forms.ChoiceField(
                label=gettext("May add"),
                choices=ADD_CHOICES,
                initial="no",
                widget=forms.RadioSelect,
            )

    def lines(self) -> Iterator[Line]:
        for one in self.collections:
            yield Line(one, self[f"see-{one.id}"], self[f"add-{one.id}"])

    @property
    def rights(self) -> dict[UUID, Right]:
        said = self.cleaned_data
        return {
            one.id: Right(see=said[f"see-{one.id}"], add=said[f"add-{one.id}"])
            for one in self.collections
        }

    @property
    def expires_at(self) -> datetime | None:
        """None to leave it as it is."""
        days = self.cleaned_data["ends"]
        return timezone.now() + timedelta(days=int(days)) if days else None


def keep_later(field: forms.Field, grant: Grant) -> None:
    """Say what the switch means for a grant that there is: what it could not see stays so."""
    field.initial = grant.later
    if not grant.later:
        field.help_text = gettext(
            "Off: it sees of each collection what was there when you gave it that, and what it adds"
            " itself. Switched on, it sees all that came since as well."
        )


class TokenForm(RightsForm):
    """A new token. Nothing is ticked beforehand."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("What you will call this app, such as “my assistant”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "ends", "later", "confirmed_only")


class ChangeForm(RightsForm):
    """A grant as it is now, with what is `asked` for it. Taking away needs no password; `owner` is
    None without it. `overtaken`: it was changed meanwhile, and this is how it is now."""

    owner: OwnerKey | None = None
    overtaken = False
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, grant: Grant, asked: Mapping[UUID, Right] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._grant = grant
        self.fields["ends"] = forms.ChoiceField(
            label=gettext("Ends"), choices=[("", gettext("As it is")), *LIFETIMES], required=False
        )
        self.fields["version"].initial = grant.version
        self.fields["confirmed_only"].initial = grant.confirmed_only
        keep_later(self.fields["later"], grant)
        rights = {**grant.rights, **(asked or {})}
        for one in self.collections:
            right = rights.get(one.id, Right())
            self.fields[f"see-{one.id}"].initial = right.see
            self.fields[f"add-{one.id}"].initial = right.add
        self.fields["password"].required = False
        self.fields["password"].help_text = gettext(
            "Only to give more than now. To take away, leave it."
        )

    def clean_password(self) -> str:
        if self.cleaned_data.get("password") or self.data.get("credential"):
            super().clean_password()
            self.owner = self.owner_key
        return ""

    def save(self, access: Access) -> Grant:
        """Invalid, Refused and Stale as for `grants.change`."""
        return grants.change(
            access,
            self._grant.id,
            rights=self.rights,
            expires_at=self.expires_at,
            confirmed_only=self.cleaned_data["confirmed_only"],
            later=self.cleaned_data["later"],
            owner=self.owner,
            version=self.cleaned_data["version"],
        )
