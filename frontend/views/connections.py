"""Connections: every one with its state; one with its log, and what can be done about it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.presenters.connectioncards import card_of, cards, connector_of, groups_of
from frontend.presenters.connectionchoice import choice_of, consumer_apps
from frontend.presenters.connectionruns import Log
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from frontend.words.connectionwords import GROUPS, INTERVALS, POLICIES
from sync.connections import connections as found
from sync.connections import runs
from sync.connections.connections import Connection
from sync.errors import NotNow
from sync.importing import imports
from vault import collections
from vault.keys.vaultkey import OwnerKey

_RUNS = 20
_RECEIPTS = 50
_ACTS = {
    "run": (_("Run now"), _("It begins in a moment.")),
    "preview": (_("See what would happen"), _("It looks at both sides and changes nothing.")),
    "resync": (_("Look at everything again"), _("It compares everything on both sides anew.")),
}
_ASKED = _(
    "Asked because the server holds no key of this connection: it gets one for this run alone."
)


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    """By what needs its owner first; `state` narrows it. While one runs, it asks for itself again
    every few seconds."""
    access, wanted = request.access, request.GET.get("state", "")
    every = cards(access)
    live = [card for card in every if card.connection.state != "gone"]
    wanted = wanted if wanted in GROUPS else ""
    groups = groups_of(live, wanted)
    context = {
        "total": len(live),
        "groups": groups,
        "shown": [one for one in groups if not wanted or one.here],
        "wanted": wanted,
        "running": any(card.connection.running for card in live),
    }
    if request.htmx:
        return render(request, "pages/connections.html#list", context)
    context |= {
        "ended": [card for card in every if card.connection.state == "gone"],
        "apps": consumer_apps(imports.listing(access)),
    }
    return render(request, "pages/connections.html", context)


@vault_required
def connection(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """While it runs, the page asks for this again every other second."""
    access = request.access
    one = found.get(access, connection_id)
    known = connector_of(one.connector)
    records = runs.newest(access.vault_id, connection_id, _RUNS)
    listed, log = found.receipts(access, connection_id), Log(known, one.guard)
    mine = collections.listing(access)
    context = {
        "one": one,
        "card": card_of(access, one),
        "choice": choice_of(known) if known else None,
        "runs": log.runs(records, running=one.running),
        "receipts": log.receipts(listed),
        "open_receipts": [r for r in listed if r.state != "gone" and r.memory_id][:_RECEIPTS],
        "collections": mine,
        "names": {c.id: c.name for c in mine},
        "interval": INTERVALS.get(one.settings.every, ""),
        "policy": dict(POLICIES).get(one.settings.policy, ""),
        "over": one.state in ("gone", "retracting"),
    }
    page = "pages/connection.html"
    return render(request, f"{page}#state" if request.htmx else page, context)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def run(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """Start a run, a preview or a look at everything. Where the server holds no key of it, the
    password is asked."""
    one = found.get(request.access, connection_id)
    do = request.POST.get("do") or request.GET.get("do") or "run"
    do = do if do in _ACTS else "run"
    if one.settings.background:
        return (
            start(request, one, do) if request.method == "POST" else redirect("connection", one.id)
        )
    data = request.POST if "password" in request.POST else None
    form = StepUpForm(data, request=request)
    form.fields["password"].help_text = _ASKED
    if form.is_valid():
        return start(request, one, do, form.owner_key)
    title, lede = _ACTS[do]
    context = {"form": form, "one": one, "do": do, "title": title, "lede": lede}
    return render(request, "pages/connection_run.html", context)


@sensitive_variables()
def start(
    request: VaultRequest, one: Connection, do: str, owner: OwnerKey | None = None
) -> HttpResponse:
    try:
        found.run_now(request.access, one.id, owner, preview=do == "preview", resync=do == "resync")
    except NotNow as error:
        messages.error(request, str(error))
    return redirect("connection", one.id)


@vault_required
@require_POST
def pause(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    try:
        found.pause(request.access, connection_id)
    except NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Paused. No run begins until you resume it."))
    return redirect("connection", connection_id)


@vault_required
def waive(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """Let the next run do what a guard held back. Asks once more."""
    one = found.get(request.access, connection_id)
    name = one.guard.get("name", "")
    if one.state != "blocked" or not name:
        messages.error(request, gettext("Nothing is held back any more."))
        return redirect("connection", connection_id)
    if request.method != "POST":
        context = {"one": one, "held": card_of(request.access, one).held}
        return render(request, "pages/connection_waive.html", context)
    shown = (request.POST.get("guard"), request.POST.get("said"))
    if shown != (name, one.guard.get("said")):  # something else is held back by now
        return redirect("connection", connection_id)
    try:
        one = found.waive(request.access, connection_id, name)
    except NotNow as error:
        messages.error(request, str(error))
        return redirect("connection", connection_id)
    if not one.settings.background:
        return redirect("connection-run", connection_id)
    return start(request, one, "run")
