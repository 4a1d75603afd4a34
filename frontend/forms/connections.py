"""The forms of a connection: what its connector needs, what it may see and add, how it runs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from connectors.base.errors import Misconfigured
from connectors.base.live.options import Setting, settings_of
from connectors.base.protocol import Connector
from frontend.forms.grants import RightsForm
from frontend.signin.stepup import StepUpForm
from frontend.templatetags.ui import said as in_words
from frontend.words import KIND_NAMES
from frontend.words.connectionwords import INTERVALS, POLICIES
from sync.connections.connections import SENT_KINDS, Settings
from vault.keys.vaultkey import OwnerKey
from vault.types import Collection

PREFIX = "option-"
"""Before a connector's own fields: some of them are called as one of ours."""
_LONGEST = 20_000
_NOT_TYPED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
_AWAY = _(
    "The server then holds a key for the collections you tick, so that it can run by itself: who"
    " has the whole server could use it. Where you tick “see” nowhere, that key opens nothing to"
    " read. Without it, it runs only when you start it, and asks for your password each time."
)

PLAIN = frozenset({"name", "into", "kinds", "policy", "every", "background", "confirmed_only"})
"""Fields of ours that hold no secret."""
_CONFIRMED = _("What apps and imports brought is not sent there until you have confirmed it.")


def option_field(one: Setting) -> forms.Field:
    """The field of a form for one of a connector's options, with what it starts with."""
    about: dict[str, Any] = {"label": in_words(one.label), "help_text": in_words(one.help)}
    if one.widget == "switch":
        return forms.BooleanField(required=False, initial=one.default, **about)
    about |= {"required": one.default is None, "initial": one.default}
    if one.widget == "number":
        return forms.IntegerField(**about)
    if one.choices:
        return forms.ChoiceField(
            choices=[(c, in_words(label)) for c, label in one.choices], **about
        )
    if one.is_secret:
        about["initial"] = None
    return forms.CharField(
        max_length=_LONGEST, strip=not one.is_secret, widget=_widget(one), **about
    )


def _widget(one: Setting) -> forms.Widget:
    if one.is_secret:
        return forms.PasswordInput(attrs={**_NOT_TYPED, "autocomplete": "new-password"})
    if one.widget == "long":
        return forms.Textarea(attrs={**_NOT_TYPED, "rows": 5})
    return forms.TextInput(
        attrs={**_NOT_TYPED, **({"inputmode": "url"} if one.widget == "address" else {})}
    )


def show_error(form: forms.Form, error: Exception) -> None:
    """At the field it is about; without a repetition of what was entered."""
    name = PREFIX + error.field if isinstance(error, Misconfigured) else ""
    form.add_error(
        name if name in form.fields else None, in_words(error) or gettext("It did not work.")
    )


class RunsForm(forms.Form):
    """How a connection is kept in step. Fields to mix into a form; `settings_in` reads them."""

    into = forms.ChoiceField(
        label=_("What is new there goes to"),
        required=False,
        help_text=_(
            "Only where it may add. What it brings in is held back until you have let something of"
            " it in."
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What is sent there"),
        required=False,
        choices=list(KIND_NAMES.items()),
        initial=list(SENT_KINDS),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of the collections it may see."),
    )
    policy = forms.ChoiceField(label=_("When both sides changed the same"), choices=POLICIES)
    every = forms.TypedChoiceField(
        label=_("How often"), choices=list(INTERVALS.items()), coerce=int, initial=60
    )
    background = forms.BooleanField(
        label=_("It may run while I am away"), required=False, help_text=_AWAY
    )

    def offer(self, collections: Sequence[Collection]) -> None:
        """The collections that new entries can go to."""
        choices = [("", gettext("Nowhere: bring nothing new in"))]
        choices += [(str(one.id), one.name) for one in collections]
        self.fields["into"] = forms.ChoiceField(
            label=self.fields["into"].label,
            required=False,
            choices=choices,
            help_text=self.fields["into"].help_text,
        )

    @property
    def settings(self) -> Settings:
        said = self.cleaned_data
        return Settings(
            into_id=UUID(said["into"]) if said["into"] else None,
            kinds=said["kinds"],
            policy=said["policy"],
            every=said["every"],
            background=said["background"],
        )


class NewForm(RunsForm, RightsForm):
    """A new connection. Nothing is ticked beforehand; valid, it knows `options` as they were
    entered, `rights` and `settings`."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("What you will call it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, connector: type[Connector], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ends", "later"):  # it has no end but the one its owner sets
            del self.fields[name]
        self.fields["confirmed_only"].help_text = _CONFIRMED
        self.wanted = settings_of(connector.Options)
        for one in self.wanted:
            self.fields[PREFIX + one.name] = option_field(one)
        self.fields["name"].initial = in_words(connector.name)
        self.fields["password"].help_text = _(
            "Asked because the connection gets a key of your vault. What you enter above is tried"
            " first, and kept encrypted."
        )
        self.offer(self.collections)

    @property
    def option_fields(self) -> list[BoundField]:
        return [self[PREFIX + one.name] for one in self.wanted]

    @property
    @sensitive_variables()
    def options(self) -> dict[str, Any]:
        said = {one.name: self.cleaned_data[PREFIX + one.name] for one in self.wanted}
        return {name: value for name, value in said.items() if value is not None}


class SettingsForm(RunsForm, StepUpForm):
    """How it runs from now on. The password only to let it run unattended: `owner` is None without
    it."""

    owner: OwnerKey | None = None

    def __init__(
        self, *args: Any, collections: Sequence[Collection], now: Settings, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(collections)
        started = {
            "into": str(now.into_id or ""),
            "kinds": list(now.kinds),
            "policy": now.policy,
            "every": now.every,
            "background": now.background,
        }
        for name, value in started.items():
            self.fields[name].initial = value
        self.fields["password"].required = False
        self.fields["password"].help_text = _("Only to let it run while you are away from now on.")

    def clean_password(self) -> str:
        if self.cleaned_data.get("password") or self.data.get("credential"):
            super().clean_password()
            self.owner = self.owner_key
        return ""


class ReconnectForm(StepUpForm):
    """What is entered anew for a connector; what is left empty stays as it is. Nothing of what was
    entered before is shown."""

    anew = forms.BooleanField(
        label=_("Forget all that was entered before"),
        required=False,
        help_text=_("What you leave empty then takes its usual value."),
    )

    def __init__(self, *args: Any, connector: type[Connector], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = settings_of(connector.Options)
        for one in self.wanted:
            self.fields[PREFIX + one.name] = _kept(one)
        names = [PREFIX + one.name for one in self.wanted]
        self.order_fields([*names, "anew", "password"])

    @sensitive_variables()
    def options_after(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """What there was, with what was entered now in its place."""
        given = {one.name: self._value(one) for one in self.wanted}
        news = {name: value for name, value in given.items() if value is not None}
        return news if self.cleaned_data["anew"] else {**before, **news}

    @sensitive_variables()
    def _value(self, one: Setting) -> Any:
        said = self.cleaned_data[PREFIX + one.name]
        if said in ("", None):
            return None
        return said == "yes" if one.widget == "switch" else said


def _kept(one: Setting) -> forms.Field:
    """The field where leaving it empty means: as it is."""
    if one.widget == "switch" or one.choices:
        offered = [(code, in_words(label)) for code, label in one.choices]
        offered = offered or [("yes", gettext("Yes")), ("no", gettext("No"))]
        choices = [("", gettext("As it is")), *offered]
        label, help_text = in_words(one.label), in_words(one.help)
        return forms.ChoiceField(label=label, help_text=help_text, choices=choices, required=False)
    field = option_field(one)
    field.required, field.initial = False, None
    field.widget.attrs["placeholder"] = gettext("as it is")
    return field


class EndForm(forms.Form):
    """What becomes of the entries that we made there."""

    keep = forms.ChoiceField(
        label=_("What was sent there"),
        choices=[("no", _("Take it back: have it deleted there")), ("yes", _("Leave it there"))],
        initial="no",
        widget=forms.RadioSelect,
    )


class EndWithPasswordForm(EndForm, StepUpForm):
    """The same for a connection whose key the server does not hold."""
