"""The same done to many memories: begun from the list, gone on with, undone."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from frontend.forms.memories import moment
from frontend.presenters.wanted import Wanted
from frontend.signin.gate import VaultRequest, next_page, vault_required
from frontend.words import actwords
from vault import collections
from vault.access import Access
from vault.acting import acts
from vault.errors import Invalid
from vault.types import Act
from vault.visible import Selection

_SECONDS = 1.5
"""How long one request works on it before it shows how far it is."""


@vault_required
@require_POST
def begin(request: VaultRequest) -> HttpResponse:
    """Do it to what was ticked, or to all that fits. What fits a search is first counted."""
    access, sent = request.access, request.POST
    wanted = Wanted.of(sent)
    then = next_page(request) if "next" in sent else ""
    if sent.get("verb") == "merge":
        return _to_merge(request, sent, wanted)
    everything = sent.get("all") == "yes"
    try:
        verb, param = _verb(sent)
        if everything and wanted.trouble:
            raise Invalid(wanted.trouble[0])
        ticked = Selection(ids=_ticked(sent), forgotten=wanted.forgotten)
        meant = wanted.selection() if everything else ticked
        begun = acts.begin(access, verb, meant, param=param)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(then or wanted.address(wanted.cursor))
    if everything and wanted.q:
        return redirect("act", begun.id)
    now = acts.go_on(access, begun.id, seconds=_SECONDS)
    return after(request, now, then or wanted.address())


@vault_required
def act(request: VaultRequest, act_id: UUID) -> HttpResponse:
    """How far it is; or, before anything was done, whether it shall be."""
    return _page(request, acts.get(request.access, act_id))


@vault_required
@require_POST
def go_on(request: VaultRequest, act_id: UUID) -> HttpResponse:
    now = acts.get(request.access, act_id)
    if now.working:
        now = acts.go_on(request.access, act_id, seconds=_SECONDS)
    return after(request, now, reverse("memories"))


@vault_required
@require_POST
def undo(request: VaultRequest, act_id: UUID) -> HttpResponse:
    """Take it back; one that was never begun is dropped."""
    then = next_page(request) if "next" in request.GET else reverse("memories")
    if acts.get(request.access, act_id).state == "undone":
        messages.success(request, gettext("This was undone already."))
        return redirect(then)
    now = acts.undo(request.access, act_id)
    if now.working:
        now = acts.go_on(request.access, act_id, seconds=_SECONDS)
    return after(request, now, then)


def after(request: VaultRequest, now: Act, then: str) -> HttpResponse:
    """On to the list when it is done, with its undo; until then to how far it is."""
    if now.working:
        if request.htmx:
            return _page(request, now)
        return redirect("act", now.id)
    undo_at = reverse("act-undo", args=[now.id]) if now.state == "done" and now.changed else ""
    messages.success(request, actwords.done(now, _names(request.access)), undo_at)
    return HttpResponseClientRedirect(then) if request.htmx else redirect(then)


def _page(request: VaultRequest, now: Act) -> HttpResponse:
    names = _names(request.access)
    words = actwords.doing(now, names) if now.working else actwords.done(now, names)
    context = {"act": now, "words": words, "asks": now.state == "running" and not now.done}
    template = "pages/act.html#progress" if request.htmx else "pages/act.html"
    return render(request, template, context)


def _to_merge(request: VaultRequest, sent: QueryDict, wanted: Wanted) -> HttpResponse:
    ids = [("memory", one) for one in sent.getlist("memory")]
    if len(ids) < 2:
        messages.error(request, gettext("Tick two memories or more to merge them."))
        return redirect(wanted.address(wanted.cursor))
    return redirect(f"{reverse('memory-merge')}?{urlencode(ids)}")


def _ticked(sent: QueryDict) -> list[UUID]:
    try:
        return [UUID(one) for one in sent.getlist("memory")]
    except ValueError:
        raise Invalid(gettext("Tick memories of the list."), "memories") from None


def _verb(sent: QueryDict) -> tuple[str, str]:
    """(the vault's verb, its param)"""
    verb = sent.get("verb", "")
    match verb:
        case "move":
            return verb, sent.get("to", "")
        case "kind":
            return verb, sent.get("as_kind", "")
        case "until":
            return verb, _day(sent.get("until", ""))
        case "still":
            return "until", ""
    return verb, ""


def _day(text: str) -> str:
    try:
        day = moment(date.fromisoformat(text))
    except ValueError:
        words = gettext("Choose the day until which it was true.")
        raise Invalid(words, "until") from None
    return day.isoformat() if day else ""


def _names(access: Access) -> dict[UUID, str]:
    return {one.id: one.name for one in collections.listing(access)}
