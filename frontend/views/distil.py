"""Distilling: say which conversations, see what that would send and cost, watch it, stop it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from frontend.forms.distil import ReadForm, filled
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words import DISTILLED
from sync.distilling import model, runs, selecting
from sync.distilling.choice import ChatChoice
from sync.distilling.types import Run
from sync.errors import NotNow
from vault import collections, memories
from vault.errors import Invalid


@vault_required
def choose(request: VaultRequest) -> HttpResponse:
    """Nothing is sent before the yes; the yes is to what the page showed."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            begun = runs.begin(
                request.access, form.wanted, most=form.cleaned_data["most"], into=form.target
            )
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            return redirect("distil-run", begun.id)
    status = 422 if form.errors else 200
    return render(request, "pages/distil.html", _context(request, form), status=status)


@vault_required
def state(request: VaultRequest, run_id: UUID) -> HttpResponse:
    """Where a run is. While it is going on, the page asks for this again."""
    run = runs.get(request.access, run_id)
    told = [(words, run.counts[what]) for what, words in DISTILLED.items() if run.counts.get(what)]
    page = "pages/distil_run.html"
    context = {"run": run, "told": told, "chat": _chosen(request), "title": _title(run)}
    return render(request, f"{page}#state" if request.htmx else page, context)


@vault_required
@require_POST
def stop(request: VaultRequest, run_id: UUID) -> HttpResponse:
    return _then(request, run_id, lambda: runs.stop(request.access, run_id))


@vault_required
@require_POST
def resume(request: VaultRequest, run_id: UUID) -> HttpResponse:
    return _then(request, run_id, lambda: runs.resume(request.access, run_id))


@vault_required
@require_POST
def end(request: VaultRequest, run_id: UUID) -> HttpResponse:
    return _then(request, run_id, lambda: runs.end(request.access, run_id))


def _form(request: VaultRequest) -> ReadForm:
    """A yes says itself what it is to: nothing is filled in."""
    listed = collections.listing(request.access)
    sources = list(memories.counts(request.access).by_vendor)
    data = request.POST if request.method == "POST" else filled(request.GET, listed)
    return ReadForm(data, collections=listed, sources=sources)


def _context(request: VaultRequest, form: ReadForm) -> dict[str, object]:
    access, chosen = request.access, _chosen(request)
    estimate = None
    if form.is_valid():
        estimate = selecting.estimate(access, form.wanted, form.cleaned_data["most"], chosen)
    listed = runs.listing(access)
    return {
        "form": form,
        "estimate": estimate,
        "chat": chosen,
        "now": next((run for run in listed if run.unfinished), None),
        "runs": listed[:5],
        "nothing_there": not memories.counts(access).by_kind.get("episode", 0),
    }


def _title(run: Run) -> str:
    if run.state == "done":
        return gettext("Distilled")
    if run.state == "ended":
        return pgettext("a run", "Ended")
    return gettext("Distilling") if run.going else gettext("Stopped for now")


def _chosen(request: VaultRequest) -> ChatChoice | None:
    kept = model.get(request.access)
    return kept.choice if kept else None


def _then(request: VaultRequest, run_id: UUID, act: Callable[[], Run]) -> HttpResponse:
    try:
        act()
    except (Invalid, NotNow) as error:
        messages.error(request, str(error))
    return redirect("distil-run", run_id)
