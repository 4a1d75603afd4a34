"""The forms of the consent page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext, gettext_lazy

from frontend.forms.grants import ADD_CHOICES, LIFETIMES, RightsForm, keep_later
from frontend.signin.stepup import StepUpForm
from frontend.signin.visitors import LONGEST_PURPOSE, short
from vault.granting.scopes import ADD, SEE, SUGGEST
from vault.types import Add, Collection, Grant, Right

OPEN, READ, SUGGESTING, CUSTOM = "open", "read", "suggest", "custom"
_PRESETS = {
    OPEN: gettext_lazy("Read all that is not private"),
    READ: gettext_lazy("Read what I tick"),
    SUGGESTING: gettext_lazy("Read what I tick, and suggest changes to me"),
    CUSTOM: gettext_lazy("Choose for each collection"),
}
_ADDS: tuple[Add, ...] = ("no", "ask", "yes")


class AddField(forms.ChoiceField):
    """What it may add; more than it asked for counts as the most that is offered."""

    def to_python(self, value: Any) -> str:
        offered = self.offered
        return value if value in offered or value not in _ADDS else offered[-1]

    @property
    def offered(self) -> list[str]:
        return [str(value) for value, _ in self.choices]  # type: ignore[union-attr, misc]


class AgainForm(StepUpForm):
    """For an app that is connected already and asks for nothing new."""


class ConsentForm(RightsForm):
    """What this app gets: at most what it asked for. Of an app that is connected already, what it
    has is ticked, and stays where this request has no say."""

    preset = forms.ChoiceField(required=False, widget=forms.RadioSelect, label=gettext_lazy("How"))
    purpose = forms.CharField(
        label=gettext_lazy("What for"),
        required=False,
        max_length=LONGEST_PURPOSE,
        help_text=gettext_lazy("If you like. Only you see it, in your activity."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        known: Grant | None,
        scopes: frozenset[str],
        purpose: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.may_see = known, SEE in scopes
        self.most: Add = "yes" if ADD in scopes else "ask" if SUGGEST in scopes else "no"
        self._start(purpose)
        for one in self.collections:
            had = self._had(one.id)
            self.fields[f"see-{one.id}"].initial = had.see
            most = max(_ADDS.index(self.most), _ADDS.index(had.add))
            self.fields[f"add-{one.id}"] = AddField(
                label=gettext("May add"),
                required=False,
                choices=ADD_CHOICES[: most + 1],
                initial=had.add,
                widget=forms.RadioSelect,
            )

    def _start(self, purpose: str) -> None:
        choices = [(key, words) for key, words in _PRESETS.items() if self._offers(key)]
        best = SUGGESTING if self._offers(SUGGESTING) else READ if self.may_see else CUSTOM
        self.fields["preset"] = forms.ChoiceField(
            required=False, widget=forms.RadioSelect, label=gettext("How"), choices=choices
        )
        self.fields["preset"].initial = CUSTOM if self.known else best
        self.fields["purpose"].initial = short(purpose, LONGEST_PURPOSE)
        self.fields["ends"].initial = "30"
        if self.known:
            self.fields["confirmed_only"].initial = self.known.confirmed_only
            keep_later(self.fields["later"], self.known)
            self.fields["ends"] = forms.ChoiceField(
                label=gettext("Ends"),
                choices=[("", gettext("As it is")), *LIFETIMES],
                required=False,
            )

    def _offers(self, preset: str) -> bool:
        return preset == CUSTOM or (self.may_see and (preset != SUGGESTING or self.most != "no"))

    def _had(self, collection_id: UUID) -> Right:
        return self.known.rights.get(collection_id, Right()) if self.known else Right()

    @property
    def rights(self) -> dict[UUID, Right]:
        return self.rights_in(self.cleaned_data)

    def rights_in(self, said: Mapping[str, Any]) -> dict[UUID, Right]:
        """By the fields' values, which need not have been checked."""
        return {one.id: self._right(one, said) for one in self.collections}

    def limits_in(self, said: Mapping[str, Any]) -> dict[str, bool]:
        """What of that it is shown, by the fields' values. Where this request has no say in it, it
        stays as it is."""
        if self.may_see:
            return {"confirmed_only": bool(said["confirmed_only"]), "later": bool(said["later"])}
        strict, later = (
            (self.known.confirmed_only, self.known.later) if self.known else (False, True)
        )
        return {"confirmed_only": strict, "later": later}

    def _right(self, one: Collection, said: Mapping[str, Any]) -> Right:
        preset, ticked = said.get("preset") or CUSTOM, bool(said.get(f"see-{one.id}"))
        if preset == CUSTOM or not self._offers(preset):
            wanted, field = said.get(f"add-{one.id}"), self.fields[f"add-{one.id}"]
            offered = field.offered if isinstance(field, AddField) else []
            add: Add = next(
                (value for value in _ADDS if value == wanted and value in offered), "no"
            )
            return Right(see=ticked if self.may_see else self._had(one.id).see, add=add)
        if preset == OPEN:
            return Right(see=not one.private)
        return Right(ticked, "ask" if ticked and preset == SUGGESTING else "no")

    @property
    def asked_to_end(self) -> datetime:
        """The moment it ends: as chosen, or as it was."""
        until = self.expires_at or (self.known.expires_at if self.known else None)
        if until is None:
            raise TypeError("An app that is not connected has no end to keep.")
        return until
