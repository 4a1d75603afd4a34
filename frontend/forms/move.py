"""The form of a hand-off: which collections and kinds go along, and the target's own choices."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.base.handoff import Handoff
from frontend.words import KIND_NAMES
from frontend.words.numbers import number
from sync.handing.slicing import Wanted
from vault.types import KINDS, Collection

_LONG = ("episode", "document")
_DOUBTS = "doubts"
KEPT = "chosen"
"""In an address: what else is in it is the choice that was made."""


class SliceForm(forms.Form):
    """Valid, it knows what is `wanted`. Private collections are not ticked beforehand."""

    confirmed_only = forms.BooleanField(label=_("Only what I wrote or confirmed"), required=False)
    past = forms.BooleanField(label=_("Also what is no longer true"), required=False)
    since = forms.DateField(
        label=_("Only since"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Leave it empty to take all."),
    )

    field_order = ("collections", "kinds")

    def __init__(
        self, *args: Any, target: Handoff, collections: Sequence[Collection], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._talks = target.takes == "conversations"
        self.names = {str(one.id): one.name for one in collections}
        self.private = {str(one.id) for one in collections if one.private}
        self.fields["collections"] = forms.MultipleChoiceField(
            label=_("From these collections"),
            required=False,
            choices=[(str(one.id), _words(one)) for one in collections],
            initial=[str(one.id) for one in collections if not one.private],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["kinds"] = _kinds(target)
        if self._talks:
            del self.fields["kinds"]
        self._options = [choice.name for choice in target.choices]
        self._named = {choice.name for choice in target.choices if choice.other}
        if _DOUBTS in self._options:  # the target asks more finely
            del self.fields["confirmed_only"]
        for choice in target.choices:
            offered = [(value, gettext(words)) for value, words in choice.choices]
            self.fields[f"option-{choice.name}"] = forms.ChoiceField(
                label=gettext(choice.label),
                choices=offered,
                initial=offered[0][0],
                help_text=gettext(choice.help) if choice.help else "",
                required=False,
            )
            if choice.other:
                self.fields[f"other-{choice.name}"] = forms.RegexField(
                    rf"^(?:{choice.other})\Z", label=_another(choice.label), required=False
                )

    @property
    def first_fields(self) -> list[BoundField]:
        """What people know before anything else, such as the name of their model, and from which
        collections."""
        named = [name for name in self._options if name in self._named]
        return [self[f"{kind}-{name}"] for name in named for kind in ("option", "other")] + [
            self["collections"]
        ]

    @property
    def finer_fields(self) -> list[BoundField]:
        """What is good as it is for most."""
        options = [f"option-{name}" for name in self._options if name not in self._named]
        wanted = ("kinds", "confirmed_only", "past", "since", *options)
        return [self[name] for name in wanted if name in self.fields]

    @property
    def finer_changed(self) -> bool:
        """Whether one of these is not as it begins."""
        return any(one.name in self.changed_data for one in self.finer_fields)

    @property
    def wanted(self) -> Wanted:
        said = self.cleaned_data
        since = said["since"]
        return Wanted(
            frozenset(UUID(one) for one in said["collections"]),
            frozenset(("episode",) if self._talks else said["kinds"]),
            confirmed_only=said.get("confirmed_only", False),
            past=said["past"],
            since=datetime.combine(since, time(), UTC) if since else None,
            options={name: self._answer(name) for name in self._options},
        )

    def _answer(self, name: str) -> str:
        said: Mapping[str, str] = self.cleaned_data
        return said.get(f"other-{name}") or said[f"option-{name}"]

    @property
    def private_ones(self) -> list[str]:
        """The names of the private collections that are ticked."""
        return [self.names[one] for one in self.cleaned_data["collections"] if one in self.private]

    @property
    def query(self) -> str:
        """What was sent, as an address keeps it: ids and the target's own words, no memory."""
        sent = cast(QueryDict, self.data)
        kept = [(name, one) for name in self.fields for one in sent.getlist(name) if one]
        return urlencode([(KEPT, "yes"), *kept])

    def as_ticked(self) -> dict[str, Any]:
        """What the form says before anybody touched it, as if it had been sent."""
        data: dict[str, Any] = {}
        for name, field in self.fields.items():
            initial = field.initial() if callable(field.initial) else field.initial
            if initial not in (None, False, ""):
                data[name] = initial
        return data


def _words(one: Collection) -> str:
    told = {"name": one.name, "count": number(one.count or 0)}
    if one.private:
        return gettext("%(name)s (%(count)s, private)") % told
    return gettext("%(name)s (%(count)s)") % told


def _another(label: str) -> str:
    return gettext("%(choice)s: another one") % {"choice": gettext(label)}


def _kinds(target: Handoff) -> forms.MultipleChoiceField:
    """What was said in conversations is no memory of its own, where a target takes no talks."""
    both = target.takes == "both"
    offered = [kind for kind in KINDS if both or kind != "episode"]
    return forms.MultipleChoiceField(
        label=_("Of these kinds"),
        required=False,
        choices=[(kind, KIND_NAMES[kind]) for kind in offered],
        initial=[kind for kind in offered if both or kind not in _LONG],
        widget=forms.CheckboxSelectMultiple,
    )
