"""The form of a new token: per collection what it may see and add, until when, and the password."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone

from frontend.stepup import StepUpForm
from vault.types import Collection, Right

ADD_CHOICES = [("no", "no"), ("ask", "ask me"), ("yes", "yes")]
LIFETIMES = [
    ("7", "In a week"),
    ("30", "In a month"),
    ("90", "In three months"),
    ("365", "In a year"),
]


@dataclass(frozen=True, slots=True)
class Line:
    """One collection's row of the form."""

    collection: Collection
    see: BoundField
    add: BoundField


class TokenForm(StepUpForm):
    """Nothing is ticked beforehand. Valid, it knows the `rights` and the moment of the end."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="What you will call this app, such as “my assistant”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ends = forms.ChoiceField(label="Ends", choices=LIFETIMES, initial="90")

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
            self.fields[f"see-{one.id}"] = forms.BooleanField(required=False, label="May see")
            self.fields[f"add-{one.id}"] = forms.ChoiceField(
                label="May add", choices=ADD_CHOICES, initial="no", widget=forms.RadioSelect
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
    def expires_at(self) -> datetime:
        return timezone.now() + timedelta(days=int(self.cleaned_data["ends"]))
