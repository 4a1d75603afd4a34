"""Choosing a search model: one on this server, or one behind an address."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frontend.signin.stepup import StepUpForm
from vault.search.choice import BUNDLED, Choice
from vault.search.errors import EmbedderRefused
from vault.search.models import fast, minilm

ENDPOINT = "endpoint"
_FAST = "fastembed:"


class ModelForm(forms.Form):
    """Which model; for one behind an address, all that it takes to ask it."""

    model = forms.ChoiceField(label=_("Model"), widget=forms.RadioSelect)
    base = forms.CharField(
        label=_("Address"),
        required=False,
        help_text=_(
            "Of any server that speaks the OpenAI embeddings API, such as Ollama, vLLM or LM "
            "Studio, or a hosted one. It usually ends in /v1."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "class": "mono"}),
    )
    name = forms.CharField(
        label=_("Name of the model"),
        required=False,
        help_text=_("As that server calls it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "mono"}),
    )
    key = forms.CharField(
        label=_("API key"),
        required=False,
        help_text=_("Only if it asks for one. Kept encrypted with your vault's keys."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    dimensions = forms.IntegerField(
        label=_("Dimensions"),
        required=False,
        min_value=1,
        max_value=4000,
        help_text=_("Leave empty for what the model gives."),
    )
    query_prefix = forms.CharField(
        label=_("Put before each question"),
        required=False,
        strip=False,
        help_text=_("Some models want it, for example “query: ”."),
    )
    document_prefix = forms.CharField(
        label=_("Put before each memory"),
        required=False,
        strip=False,
        help_text=_("Some models want it, for example “passage: ”."),
    )
    more = ("dimensions", "query_prefix", "document_prefix")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"] = forms.ChoiceField(
            label=_("Model"), choices=offered(), widget=forms.RadioSelect
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        chosen = said.get("model", "")
        try:
            self.choice = self._endpoint(said) if chosen == ENDPOINT else here(chosen)
        except EmbedderRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return said

    def _endpoint(self, said: dict[str, Any]) -> Choice:
        if not said.get("base"):
            raise EmbedderRefused(gettext("Type the address of the server."))
        return Choice.endpoint(
            said["base"],
            said["name"],
            key=said["key"],
            dimensions=said.get("dimensions") or 0,
            query_prefix=said["query_prefix"],
            document_prefix=said["document_prefix"],
        )


class SendForm(StepUpForm):
    """Yes to every memory being sent to another server."""

    agree = forms.BooleanField()

    def __init__(self, *args: Any, host: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed = gettext("I want %(host)s to read my memories and my questions")
        self.fields["agree"].label = agreed % {"host": host}
        leaving = gettext("Asked again because your memories leave this server.")
        self.fields["password"].help_text = leaving


class KeyForm(forms.Form):
    """Another API key for the server in use."""

    key = forms.CharField(
        label=_("New API key"),
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


def offered() -> list[tuple[str, str]]:
    """(what the form sends, what the person reads) of the models that can be chosen here."""
    light = settings.SATCHEL_EMBEDDER == "wordllama" or not minilm.available()
    found = [("bundled", gettext("Built in, light") if light else gettext("Built in"))]
    if not light:
        found.append(("wordllama", gettext("Built in, light: faster, understands less")))
    elif minilm.available():
        found.append(("minilm", gettext("Built in, larger: understands more")))
    names = fast.available(settings.SATCHEL_FASTEMBED_DIR)
    found += [(_FAST + name, _on_this_server(name)) for name in names]
    return [*found, (ENDPOINT, gettext("A server of your own, or a hosted one"))]


def here(chosen: str) -> Choice:
    """The choice of a model on this server, as `offered` names it."""
    if chosen.startswith(_FAST):
        return Choice.fastembed(chosen.removeprefix(_FAST))
    return {"minilm": Choice("minilm"), "wordllama": Choice("wordllama")}.get(chosen, BUNDLED)


def model_name(choice: Choice) -> str:
    """What the person reads for a choice."""
    if choice.kind == "endpoint":
        return gettext("%(model)s at %(host)s") % {"model": choice.model, "host": choice.host}
    if choice.kind == "fastembed":
        return _on_this_server(choice.model)
    return dict(offered()).get(choice.kind, gettext("Built in")).partition(":")[0]


def _on_this_server(name: str) -> str:
    return gettext("%(model)s, on this server") % {"model": name}
