"""Which model finds memories: the one in use, others to choose, and the switch to one of them."""

import json

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.search import KeyForm, ModelForm, SendForm, model_name
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from sync.upkeep import reembedding
from vault.embedding import embedders, switching
from vault.embedding.embedders import Tried
from vault.search.choice import Choice
from vault.search.errors import EmbedderError

_TRIED = "search_model"


@keeps_typed(fields_of(ModelForm))
@vault_required
@sensitive_post_parameters("key")
@sensitive_variables()
def search(request: VaultRequest) -> HttpResponse:
    """The page; a model that is sent here is tried out before anything is decided."""
    form = ModelForm(request.POST or None, initial={"model": "endpoint"})
    hand_back(request, form)
    if form.is_valid():
        try:
            tried = _try_out(request, form.choice)
        except EmbedderError as error:
            form.add_error(None, str(error))
        else:
            once.put(request, _TRIED, json.dumps([tried.choice.to_json(), tried.ms]))
            return redirect("search-switch")
    context = {**_state(request), "form": form, "key_form": KeyForm()}
    if request.htmx:
        return render(request, "pages/search_settings.html#state", context)
    return render(request, "pages/search_settings.html", context)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def switch(request: VaultRequest) -> HttpResponse:
    """What switching to the model just tried would mean; and the yes to it."""
    tried = _tried(request)
    if tried is None:
        return redirect("search-settings")
    choice = tried.choice
    form = _consent(request, choice)
    if request.method == "POST" and (form is None or form.is_valid()):
        once.drop(request, _TRIED)
        reembedding.begin(request.access, choice)
        words = gettext("Your memories are being read by the new model. Search goes on.")
        messages.success(request, words)
        return redirect("search-settings")
    context = {
        "form": form,
        "choice": choice,
        "ms": tried.ms,
        "name": model_name(choice),
        "estimate": switching.estimate(request.access),
    }
    return render(request, "pages/search_switch.html", context)


@vault_required
@require_POST
@sensitive_post_parameters("key")
@sensitive_variables()
def key(request: VaultRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            switching.change_key(request.access, form.cleaned_data["key"])
        except EmbedderError as error:
            messages.error(request, str(error))
        else:
            reembedding.resume(request.access)
            messages.success(request, gettext("Saved the new key."))
    return redirect("search-settings")


@vault_required
@require_POST
def cancel(request: VaultRequest) -> HttpResponse:
    reembedding.cancel(request.access)
    messages.success(request, gettext("The model stays as it was."))
    return redirect("search-settings")


@vault_required
@require_POST
def resume(request: VaultRequest) -> HttpResponse:
    reembedding.resume(request.access)
    return redirect("search-settings")


def _try_out(request: HttpRequest, choice: Choice) -> Tried:
    """EmbedderError also when it was tried too often: nobody is to search the net from here."""
    if choice.leaves and not ratelimit.consume(request, action="search_model"):
        often = gettext("You tried this very often. Wait ten minutes, then try again.")
        raise EmbedderError(often)
    return embedders.try_out(choice)


def _state(request: VaultRequest) -> dict[str, object]:
    state = reembedding.state(request.access)
    now, after = state.progress.now, state.progress.next
    return {
        "state": state,
        "now": now,
        "name": model_name(now),
        "next": after,
        "next_name": model_name(after) if after else "",
        "remote": now if now.leaves else after if after and after.leaves else None,
    }


def _tried(request: HttpRequest) -> Tried | None:
    kept = once.peek(request, _TRIED)
    if not kept:
        return None
    choice, ms = json.loads(kept)
    return Tried(Choice.from_json(choice), ms)


def _consent(request: HttpRequest, choice: Choice) -> SendForm | None:
    """Asked only where texts leave this server."""
    if not choice.leaves:
        return None
    return SendForm(request.POST or None, request=request, host=choice.host)
