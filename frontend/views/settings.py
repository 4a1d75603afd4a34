"""Settings: what opens the vault, the collections, and how this device shows it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.basic import CollectionForm, RenameForm
from frontend.presenters import settingspage
from frontend.signin import once
from frontend.signin.accounts import RECOVERY
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import close_vault
from frontend.signin.stepup import StepUpForm, owner_of
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.views.serverhealth import is_operator
from vault import collections, vaults
from vault.errors import Invalid

_YEAR = 365 * 24 * 60 * 60


@vault_required
def settings(request: VaultRequest) -> HttpResponse:
    context = settingspage.context(owner_of(request), request.access)
    return render(request, "pages/settings.html", context | {"operator": is_operator(request)})


@vault_required
def more(request: VaultRequest) -> HttpResponse:
    """What the bar of a phone has no room for."""
    return render(request, "pages/more.html")


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def recovery(request: VaultRequest) -> HttpResponse:
    """A new recovery kit; the old code opens nothing from then on."""
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        once.put(request, RECOVERY, vaults.new_recovery_code(form.owner_key))
        return redirect("welcome")
    return render(request, "pages/recovery.html", {"form": form})


@keeps_typed(fields_of(CollectionForm))
@vault_required
@sensitive_post_parameters("password")
def collection_new(request: VaultRequest) -> HttpResponse:
    form = CollectionForm(request.POST or None, request=request)
    hand_back(request, form)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = collections.create(
                request.access, form.owner_key, name=said["name"], private=said["private"]
            )
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            words = gettext("Made the collection %(name)s.") % {"name": made.name}
            messages.success(request, words)
            return redirect("settings")
    return render(request, "pages/collection_new.html", {"form": form})


@keeps_typed(fields_of(RenameForm))
@vault_required
def collection(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    now = collections.get(request.access, collection_id)
    form = RenameForm(request.POST or None, initial={"name": now.name, "private": now.private})
    hand_back(request, form)
    if form.is_valid():
        try:
            collections.rename(request.access, collection_id, **form.cleaned_data)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("settings")
    return render(request, "pages/collection.html", {"form": form, "collection": now})


@vault_required
@require_POST
def device(request: VaultRequest) -> HttpResponse:
    """How this browser shows the vault: kept in cookies, since it says nothing about the person."""
    answer = redirect("settings")
    chosen = {
        "satchel_theme": request.POST.get("theme", ""),
        "satchel_keys": "" if request.POST.get("keys") == "on" else "off",
    }
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    messages.success(request, gettext("Saved for this device."))
    return answer


@vault_required
@require_POST
def lock_everywhere(request: VaultRequest) -> HttpResponse:
    vaults.lock_everywhere(request.access)
    close_vault(request)
    once.drop_all(request)
    return redirect("unlock")
