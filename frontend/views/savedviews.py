"""Saved views: a search with its filters under a name: saved, renamed, deleted, put back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from frontend.presenters.viewlinks import links
from frontend.presenters.wanted import Wanted
from frontend.signin.gate import VaultRequest, vault_required
from vault import collections, savedviews
from vault.errors import Invalid


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    """All of them, to be renamed and deleted."""
    return _page(request)


@vault_required
@require_POST
def save(request: VaultRequest) -> HttpResponse:
    """What is looked for now, under the name that was typed."""
    wanted = Wanted.of(request.POST)
    try:
        if wanted.trouble:
            raise Invalid(wanted.trouble[0])
        view = savedviews.save(request.access, request.POST.get("name", ""), wanted.parts)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        said = gettext("Saved as “%(name)s”. You find it above the list.") % {"name": view.name}
        messages.success(request, said)
    return redirect(wanted.address())


@vault_required
@require_POST
def rename(request: VaultRequest, view_id: UUID) -> HttpResponse:
    name = request.POST.get("name", "")
    try:
        savedviews.rename(request.access, view_id, name)
    except Invalid as error:
        return _page(request, wrong=view_id, typed=name, error=str(error))
    messages.success(request, gettext("Renamed."))
    return redirect("saved-views")


@vault_required
@require_POST
def remove(request: VaultRequest, view_id: UUID) -> HttpResponse:
    savedviews.remove(request.access, view_id)
    undo = reverse("saved-view-back", args=[view_id])
    words = gettext("The view is deleted. The memories in it stay as they are.")
    messages.success(request, words, undo)
    return redirect("saved-views")


@vault_required
@require_POST
def put_back(request: VaultRequest, view_id: UUID) -> HttpResponse:
    try:
        savedviews.put_back(request.access, view_id)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("It is back."))
    return redirect("saved-views")


def _page(
    request: VaultRequest, wrong: UUID | None = None, typed: str = "", error: str = ""
) -> HttpResponse:
    names = {one.id: one.name for one in collections.listing(request.access)}
    context = {
        "views": links(request.access, Wanted(), names),
        "wrong": wrong,
        "typed": typed,
        "error": error,
    }
    return render(request, "pages/saved_views.html", context, status=422 if error else 200)
