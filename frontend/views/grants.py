"""Grants: which app may see and add what; giving, looking after and taking back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from frontend.forms.grants import ChangeForm, TokenForm
from frontend.presenters import loglines
from frontend.presenters.connectedapps import connected, limits
from frontend.presenters.endedgrants import ended
from frontend.presenters.grantmatrix import Matrix, chosen
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.words import READS
from frontend.words.levels import all_levels
from frontend.words.numbers import number
from sync.connections import connections
from vault import collections
from vault.access import Access
from vault.errors import Invalid, Refused, Stale, Tampered
from vault.granting import grants
from vault.log import access_log
from vault.reviewing import undo
from vault.types import Grant

LIVE = ("active", "paused")
_LINES = 50
_DAYS = 30
_MOST_LINES = 2000
_ENDED = 10
"""Of how many grants that have ended the table's page shows the receipt."""


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    found, held = grants.listing(request.access), connections.by_grant(request.access)
    listed = collections.listing(request.access)
    matrix = Matrix(listed, connected(request.access, found), held)
    gone = [grant for grant in found if grant.state not in LIVE]
    context = {
        "matrix": matrix,
        "rows": matrix.rows(grant for grant in found if grant.state in LIVE),
        "ended": ended(request.access, gone[:_ENDED], held),
        "older": gone[_ENDED:],
        "levels": all_levels(),
    }
    return render(request, "pages/grants.html", context)


@keeps_typed(fields_of(TokenForm, "see-", "add-"))
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def new(request: VaultRequest) -> HttpResponse:
    """Make a token. It is shown once, on the page of its grant."""
    listed = collections.listing(request.access)
    form = TokenForm(request.POST or None, request=request, collections=listed)
    hand_back(request, form)
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
    context = {
        "grant": found,
        "token": token,
        "address": request.build_absolute_uri("/api/v1/"),
        "collections": collections.listing(access),
        "lines": loglines.lines(access, grant_id=grant_id, limit=_LINES),
        "read": _read(access, grant_id),
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
        messages.success(request, gettext("Renamed."))
    return redirect("grant", grant_id)


@keeps_typed(fields_of(ChangeForm, "see-", "add-"))
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def change(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """Other rights for the same token. The address may say what was chosen in the table."""
    access = request.access
    found, listed = grants.get(access, grant_id), collections.listing(access)
    if found.state == "revoked":
        messages.error(request, gettext("Not saved: this grant has ended meanwhile."))
        return redirect("grant", grant_id)
    asked = chosen(request.GET, listed)
    form = ChangeForm(
        request.POST or None, request=request, collections=listed, grant=found, asked=asked
    )
    hand_back(request, form)
    if form.is_valid():
        try:
            form.save(access)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except Refused as error:
            form.add_error("password", str(error))
        except Stale:
            form = ChangeForm(None, request=request, collections=listed, grant=found)
            form.overtaken = True
        else:
            messages.success(request, gettext("Changed. It holds from the next request on."))
            if request.GET.get("from") == "grants":
                return redirect("grants")
            return redirect("grant", grant_id)
    context = {"form": form, "grant": found, "limits": limits(access, found), "asked": asked}
    return render(request, "pages/grant_change.html", context)


@vault_required
@require_POST
def pause(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    connection_id = _connection_of(request, grants.get(request.access, grant_id))
    if connection_id is not None:
        return redirect("connection", connection_id)
    _tell_unlogged(request, [grants.pause(request.access, grant_id)])
    messages.success(request, gettext("Paused. It is refused until you resume it."))
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
        messages.success(request, gettext("Resumed."))
        return redirect("grant", grant_id)
    return render(request, "pages/grant_resume.html", {"form": form, "grant": found})


@vault_required
@require_POST
def revoke(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    connection_id = _connection_of(request, grants.get(request.access, grant_id))
    if connection_id is not None:  # what it sent is to be taken back, or to stay: asked there
        return redirect("connection-end", connection_id)
    gone = grants.revoke(request.access, grant_id)
    if request.htmx and gone.logged:
        context = {"one": ended(request.access, [gone], {})[0]}
        return render(request, "pages/grant_revoked.html", context)
    _tell_unlogged(request, [gone])
    if request.htmx:
        return HttpResponseClientRedirect(reverse("grant", args=[grant_id]))
    return redirect("grant", grant_id)


@vault_required
def revoke_all(request: VaultRequest) -> HttpResponse:
    """Asks first: there is no undo."""
    live = [grant for grant in grants.listing(request.access) if grant.state in LIVE]
    if request.method == "POST":
        gone = grants.revoke_all(request.access)
        _tell_unlogged(request, gone)
        said = ngettext(
            "Stopped. %(count)s grant was revoked; its keys are deleted.",
            "Stopped. %(count)s grants were revoked; their keys are deleted.",
            len(gone),
        )
        messages.success(request, said % {"count": number(len(gone))})
        return redirect("grants")
    held = connections.by_grant(request.access)
    context = {"live": live, "connections": any(grant.id in held for grant in live)}
    return render(request, "pages/grants_revoke_all.html", context)


def _connection_of(request: VaultRequest, one: Grant) -> UUID | None:
    """None for a grant of another kind."""
    return connections.of_grant(request.access, one.id) if one.kind == "connection" else None


def _read(access: Access, grant_id: UUID) -> int | None:
    """How often memories were read by it in the last days. None when the log cannot be read."""
    since = timezone.now() - timedelta(days=_DAYS)
    try:
        found = access_log.outlines(access, after=since, limit=_MOST_LINES, grant_id=grant_id)
    except Tampered:
        return None
    return sum(line.count for line in found if line.action in READS)


def _tell_unlogged(request: VaultRequest, done: Sequence[Grant]) -> None:
    if not all(grant.logged for grant in done):
        messages.error(
            request,
            gettext(
                "It is done, but could not be written into the access log. Activity says more."
            ),
        )
