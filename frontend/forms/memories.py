"""The forms about memories that are there: until when they are true, merging, splitting."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from vault.text import LONGEST
from vault.types import Memory

_DAY = {"type": "date", "min": "1000-01-01", "max": "3000-12-31"}


class SpanForm(forms.Form):
    """From and until when a memory is true. Empty is without end."""

    valid_from = forms.DateField(
        label=_("True from"), required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    valid_until = forms.DateField(
        label=_("Was true until"),
        required=False,
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
    )

    @classmethod
    def of(cls, memory: Memory) -> "SpanForm":
        days = {"valid_from": memory.valid_from, "valid_until": memory.valid_until}
        return cls(initial={name: day and day.date() for name, day in days.items()})

    def span(self) -> tuple[datetime | None, datetime | None]:
        """The chosen days as the moments at which they begin."""
        said = self.cleaned_data
        return moment(said["valid_from"]), moment(said["valid_until"])


class SplitForm(forms.Form):
    """One memory as several: the parts stand apart by an empty line."""

    text = forms.CharField(
        label=_("The parts, with an empty line between them"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        help_text=_("Each part keeps where the whole was seen. You can undo this for 30 days."),
    )

    def parts(self) -> list[str]:
        cut = re.split(r"\n\s*\n", self.cleaned_data["text"].replace("\r\n", "\n"))
        return [part.strip() for part in cut if part.strip()]


class MergeForm(forms.Form):
    """Which memory stays, and perhaps in other words."""

    text = forms.CharField(
        label=_("Other words for it"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Leave this empty to keep the words of the one you chose."),
    )

    def __init__(self, *args: Any, memories: Sequence[Memory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(memory.id), str(memory.id)) for memory in memories]
        self.fields["keep"] = forms.ChoiceField(choices=choices)
        self.fields["memory"] = forms.MultipleChoiceField(choices=choices)

    def chosen(self) -> tuple[UUID, list[UUID]]:
        """(the one that stays, the others)"""
        keep = UUID(self.cleaned_data["keep"])
        ticked = [UUID(one) for one in self.cleaned_data["memory"]]
        return keep, [one for one in ticked if one != keep]


def proposed_parts(text: str) -> str:
    """A memory's text with its paragraphs, lines or else sentences apart."""
    for gap in (r"\n\s*\n", r"\n", r"(?<=[.!?])\s+"):
        parts = [part.strip() for part in re.split(gap, text.strip()) if part.strip()]
        if len(parts) > 1:
            return "\n\n".join(parts)
    return text


def moment(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
