"""Changing a connection: how it runs, its sign-in, and going on after a pause."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from connectors.base.errors import ConnectorError
from frontend.forms.connections import PLAIN, ReconnectForm, SettingsForm, show_error
from frontend.presenters.connectioncards import connector_of
from frontend.presenters.connectionchoice import choice_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from frontend.signin.typed import hand_back, keeps_typed
from sync.connections import connections
from sync.connections.connections import Connection
from sync.errors import NotNow
from vault import collections
from vault.errors import Invalid
from vault.text import clean


@keeps_typed(lambda name, connection_id: name in PLAIN)
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def change(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    one, listed = (
        connections.get(request.access, connection_id),
        collections.listing(request.access),
    )
    if one.state in ("retracting", "gone"):
        return _over(request, one)
    form = SettingsForm(request.POST or None, request=request, collections=listed, now=one.settings)
    hand_back(request, form)
    if form.is_valid():
        try:
            connections.change(request.access, connection_id, form.settings, form.owner)
        except NotNow as error:
            form.add_error("password", str(error))
        except Invalid as error:
            name = {"into_id": "into"}.get(error.field, error.field)
            form.add_error(name if name in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Saved. It holds from the next run on."))
            return redirect("connection", connection_id)
    return render(request, "pages/connection_settings.html", {"form": form, "one": one})


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def reconnect(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """Another sign-in. It is tried before it is kept."""
    one = connections.get(request.access, connection_id)
    known = connector_of(one.connector)
    if one.state == "gone" or known is None:
        return _over(request, one)
    form = ReconnectForm(request.POST or None, request=request, connector=known)
    if form.is_valid():
        said = _reconnected(request, one, form)
        if said:
            messages.success(request, said)
            return redirect("connection", connection_id)
    context = {"form": form, "one": one, "choice": choice_of(known)}
    return render(request, "pages/connection_reconnect.html", context)


@sensitive_variables()
def _reconnected(request: VaultRequest, one: Connection, form: ReconnectForm) -> str:
    """Whose account it is now, in a sentence; "" when it did not work: the form says why."""
    access, owner = request.access, form.owner_key
    try:
        options = form.options_after(connections.options_of(access, owner, one.id))
        account = connections.try_out(one.connector, options)
        connections.reconnect(access, owner, one.id, options, account)
    except (ConnectorError, NotNow, Invalid) as error:
        show_error(form, error)
        return ""
    return gettext("Signed in to %(account)s.") % {"account": clean(account.label)}


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def resume(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    one = connections.get(request.access, connection_id)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        try:
            connections.resume(request.access, connection_id, form.owner_key)
        except NotNow as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Resumed."))
        return redirect("connection", connection_id)
    return render(request, "pages/connection_resume.html", {"form": form, "one": one})


def _over(request: VaultRequest, one: Connection) -> HttpResponse:
    messages.error(request, gettext("This connection cannot be changed any more."))
    return redirect("connection", one.id)
