"""The model for distilling: choose one, try it before it is kept, remove it."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.distil import ChatForm
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.words.numbers import number
from sync.distilling import model, runs
from sync.distilling.choice import ChatChoice
from sync.distilling.errors import ChatRefused, DistillingError
from sync.distilling.model import Kept

_NOT_SAVED = gettext_lazy(
    "Nothing was saved. See whether that server runs, and whether the address, the name of the "
    "model and the key are right."
)


@keeps_typed(fields_of(ChatForm))
@vault_required
@sensitive_post_parameters("key")
@sensitive_variables()
def page(request: VaultRequest) -> HttpResponse:
    """What is sent here is tried, and kept if it answers."""
    kept = model.get(request.access)
    now = kept.choice if kept else None
    form = ChatForm(request.POST or None, kept=now, initial=_shown(now))
    hand_back(request, form)
    if form.is_valid():
        try:
            ms = _try_out(request, form.choice)
        except DistillingError as error:
            form.add_error(None, str(error))
        else:
            model.save(request.access, form.choice)
            said = gettext("It answered within %(ms)s milliseconds. Saved.")
            messages.success(request, said % {"ms": number(ms)})
            return _next(request)
    context = {"form": form, "kept": kept, "now": now, "lost": _is_lost(kept)}
    status = 422 if form.errors else 200
    return render(request, "pages/distilling_model.html", context, status=status)


@vault_required
@require_POST
def remove(request: VaultRequest) -> HttpResponse:
    model.remove(request.access)
    messages.success(request, gettext("Removed, with its key. Nothing is sent to it any more."))
    return redirect("distilling-model")


def _next(request: VaultRequest) -> HttpResponse:
    """To the run that waited for this, if one did."""
    waits = next((one for one in runs.listing(request.access) if one.state == "paused"), None)
    return redirect("distil-run", waits.id) if waits else redirect("distilling-model")


def _try_out(request: HttpRequest, choice: ChatChoice) -> int:
    """DistillingError also when it was tried too often: nobody is to search the net from here."""
    if not ratelimit.consume(request, action="search_model"):
        raise ChatRefused(gettext("You tried this very often. Wait ten minutes, then try again."))
    try:
        return model.try_out(choice)
    except DistillingError as error:
        raise ChatRefused(f"{gettext(str(error))} {_NOT_SAVED}") from error


def _shown(choice: ChatChoice | None) -> dict[str, object]:
    if choice is None:
        return {}
    prices = {"price_in": choice.price_in, "price_out": choice.price_out}
    return {"base": choice.base, "name": choice.model, **prices}


def _is_lost(kept: Kept | None) -> bool:
    return kept is not None and kept.choice is None
