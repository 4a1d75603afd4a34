"""The forms of distilling: the model, and which conversations it is to read."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from connectors.base.registry import vendors
from sync.distilling.choice import MOST_PRICE, ChatChoice
from sync.distilling.errors import ChatRefused
from sync.distilling.runs import MOST_AT_ONCE
from vault.talks import Wanted
from vault.types import Collection

_PLAIN = {"autocomplete": "off", "class": "mono"}
_FIRST = 100


class ChatForm(forms.Form):
    """A chat endpoint. Valid, it holds the `choice`; an empty key stays `kept`'s at one address."""

    choice: ChatChoice
    base = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_(
            "Of any server that speaks the OpenAI chat API, such as Ollama, vLLM or LM Studio, or a"
            " hosted one. It usually ends in /v1."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", **_PLAIN}),
    )
    name = forms.CharField(
        label=_("Name of the model"),
        max_length=150,
        help_text=_("As that server calls it."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=300,
        help_text=_(
            "Only if it asks for one. Kept encrypted with your vault's keys, and never shown again."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    price_in = forms.FloatField(
        label=_("Price of a million tokens sent"),
        required=False,
        min_value=0,
        max_value=MOST_PRICE,
        help_text=_("In your money. With both prices you see about what distilling costs."),
    )
    price_out = forms.FloatField(
        label=_("Price of a million tokens it answers"),
        required=False,
        min_value=0,
        max_value=MOST_PRICE,
    )

    def __init__(self, *args: Any, kept: ChatChoice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = kept
        if kept is not None and kept.key:
            self.fields["key"].help_text = _(
                "Leave it empty to keep the key there is, at the same address."
            )

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.choice = self._choice(said)
            except ChatRefused as refused:
                raise forms.ValidationError(str(refused)) from None
        return said

    def _choice(self, said: dict[str, Any]) -> ChatChoice:
        prices = (said["price_in"], said["price_out"])
        made = ChatChoice.made(said["base"], said["name"], said["key"], *prices)
        kept = self._kept
        if kept is not None and not made.key and kept.base == made.base:
            return made.with_key(kept.key)
        return made


class ReadForm(forms.Form):
    """Which conversations are to be read, and where what comes of them would go."""

    collections = forms.MultipleChoiceField(
        label=_("Of these collections"), widget=forms.CheckboxSelectMultiple
    )
    vendor = forms.ChoiceField(label=pgettext_lazy("source", "From"), required=False)
    since = forms.DateField(
        label=_("With messages since"),
        required=False,
        help_text=_("Leave empty for all."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    most = forms.IntegerField(
        label=_("At most so many conversations now"), min_value=1, max_value=MOST_AT_ONCE
    )
    into = forms.ChoiceField(label=_("Proposals go to"), required=False)

    def __init__(
        self, data: QueryDict, *, collections: Sequence[Collection], sources: Sequence[str]
    ) -> None:
        super().__init__(data)
        named = [(str(c.id), c.name) for c in collections]
        marked = [(str(c.id), _marked(c)) for c in collections]
        self.fields["collections"].choices = marked  # type: ignore[attr-defined]
        looks = vendors()
        known = sorted((looks[slug].name, slug) for slug in sources if slug in looks)
        self.fields["vendor"].choices = [  # type: ignore[attr-defined]
            ("", _("Any source")),
            *((slug, name) for name, slug in known),
        ]
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            ("", _("Where the conversation is")),
            *named,
        ]
        self.import_id = _uuid(data.get("import", ""))

    @property
    def wanted(self) -> Wanted:
        said = self.cleaned_data
        since = said["since"]
        return Wanted(
            collections=[UUID(one) for one in said["collections"]],
            vendor=said["vendor"],
            since=timezone.make_aware(datetime.combine(since, time.min)) if since else None,
            import_id=self.import_id,
        )

    @property
    def target(self) -> UUID | None:
        return _uuid(self.cleaned_data["into"])


def filled(data: QueryDict, collections: Sequence[Collection]) -> QueryDict:
    """What was chosen; on the first visit everything that is not private."""
    filled = data.copy()
    if "most" not in data:
        filled["most"] = str(_FIRST)
        filled.setlist("collections", [str(c.id) for c in collections if not c.private])
    return filled


def _marked(one: Collection) -> str:
    return gettext("%(name)s (private)") % {"name": one.name} if one.private else one.name


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
