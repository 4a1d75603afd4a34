"""Grants: which app may see and add what; giving, looking after and taking back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.grants import ChangeForm, TokenForm
from frontend.presenters import loglines
from frontend.presenters.connectedapps import connected, limits
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from frontend.words import READS
from frontend.words.levels import all_levels
from sync.connections import connections
from vault import collections, grants, undo
from vault.errors import Invalid, Refused
from vault.types import Entry, Grant

LIVE = ("active", "paused")
_LINES = 50
_DAYS = 30


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    found = grants.listing(request.access)
    context = {
        "active": [grant for grant in found if grant.state in LIVE],
        "ended": [grant for grant in found if grant.state not in LIVE],
        "collections": collections.listing(request.access),
        "levels": all_levels(),
        "apps": connected(request.access, found),
        "connections": _connections(request, found),
    }
    return render(request, "pages/grants.html", context)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def new(request: VaultRequest) -> HttpResponse:
    """Make a token. It is shown once, on the page of its grant."""
    listed = collections.listing(request.access)
    form = TokenForm(request.POST or None, request=request, collections=listed)
    if form.is_valid():
        try:
            grant, token = grants.create_token(
                request.access,
                form.owner_key,
                name=form.cleaned_data["name"],
                rights=form.rights,
                expires_at=form.expires_at or timezone.now(),
                confirmed_only=form.cleaned_data["confirmed_only"],
                later=form.cleaned_data["later"],
            )
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            once.put(request, str(grant.id), token)
            return redirect("grant", grant.id)
    return render(request, "pages/grant_new.html", {"form": form})


@vault_required
@sensitive_variables("token")
def grant(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    access = request.access
    found = grants.get(access, grant_id)
    token = once.take(request, str(grant_id))
    recent = timezone.now() - timedelta(days=_DAYS)
    month = loglines.lines(access, grant_id=grant_id, after=recent, limit=2000)
    context = {
        "grant": found,
        "token": token,
        "address": request.build_absolute_uri("/api/v1/"),
        "collections": collections.listing(access),
        "lines": loglines.lines(access, grant_id=grant_id, limit=_LINES),
        "read": None if month is None else _read(month),
        "brought": undo.brought(access, grant_id),
        "app": connected(access, [found]).get(grant_id),
        "limits": limits(access, found),
        "connection_id": _connection_of(request, found),
    }
    return render(request, "pages/grant.html", context)


@vault_required
@require_POST
def rename(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    try:
        grants.rename(request.access, grant_id, request.POST.get("name", ""))
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Renamed.")
    return redirect("grant", grant_id)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def change(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """Other rights for the same token."""
    access = request.access
    found, listed = grants.get(access, grant_id), collections.listing(access)
    form = ChangeForm(request.POST or None, request=request, collections=listed, grant=found)
    if form.is_valid():
        try:
            grants.change(
                access,
                grant_id,
                rights=form.rights,
                expires_at=form.expires_at,
                confirmed_only=form.cleaned_data["confirmed_only"],
                later=form.cleaned_data["later"],
                owner=form.owner,
            )
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except Refused as error:
            form.add_error("password", str(error))
        else:
            messages.success(request, "Changed. It holds from the next request on.")
            return redirect("grant", grant_id)
    context = {"form": form, "grant": found, "limits": limits(access, found)}
    return render(request, "pages/grant_change.html", context)


@vault_required
@require_POST
def pause(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    connection_id = _connection_of(request, grants.get(request.access, grant_id))
    if connection_id is not None:
        return redirect("connection", connection_id)
    _tell_unlogged(request, [grants.pause(request.access, grant_id)])
    messages.success(request, "Paused. It is refused until you resume it.")
    return redirect("grant", grant_id)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def resume(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """Asks for the password: it gives keys out again."""
    found = grants.get(request.access, grant_id)
    connection_id = _connection_of(request, found)
    if connection_id is not None:
        return redirect("connection", connection_id)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        grants.resume(request.access, grant_id, form.owner_key)
        messages.success(request, "Resumed.")
        return redirect("grant", grant_id)
    return render(request, "pages/grant_resume.html", {"form": form, "grant": found})


@vault_required
@require_POST
def revoke(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    connection_id = _connection_of(request, grants.get(request.access, grant_id))
    if connection_id is not None:  # what it sent is to be taken back, or to stay: asked there
        return redirect("connection-end", connection_id)
    _tell_unlogged(request, [grants.revoke(request.access, grant_id)])
    return redirect("grant", grant_id)


@vault_required
def revoke_all(request: VaultRequest) -> HttpResponse:
    """Asks first: there is no undo."""
    live = [grant for grant in grants.listing(request.access) if grant.state in LIVE]
    if request.method == "POST":
        gone = grants.revoke_all(request.access)
        _tell_unlogged(request, gone)
        said = f"Stopped. {len(gone)} grants were revoked; their keys are deleted."
        messages.success(request, said)
        return redirect("grants")
    context = {"live": live, "connections": _connections(request, live)}
    return render(request, "pages/grants_revoke_all.html", context)


def _connections(request: VaultRequest, found: Sequence[Grant]) -> dict[UUID, UUID]:
    """The connections of these grants, by grant."""
    ids = {one.id: _connection_of(request, one) for one in found}
    return {grant_id: id for grant_id, id in ids.items() if id is not None}


def _connection_of(request: VaultRequest, one: Grant) -> UUID | None:
    """None for a grant of another kind."""
    return connections.of_grant(request.access, one.id) if one.kind == "connection" else None


def _read(lines: Sequence[Entry]) -> int:
    return sum(line.count for line in lines if line.action in READS)


def _tell_unlogged(request: VaultRequest, done: Sequence[Grant]) -> None:
    if not all(grant.logged for grant in done):
        messages.error(
            request,
            "It is done, but could not be written into the access log. Activity says more.",
        )
