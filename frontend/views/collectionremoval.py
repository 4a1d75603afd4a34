"""Deleting a collection: first what is in it moves or is forgotten, then it goes with its key."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import open_vault
from frontend.signin.stepup import StepUpForm
from frontend.views.acts import after
from sync.errors import NotNow
from sync.upkeep import removals
from vault import collections, removal, vaults
from vault.acting import acts
from vault.errors import Invalid, Refused, Stale
from vault.visible import Selection

_SECONDS = 1.5
"""How long one request works on what is in it before it shows how far it is."""


class RemovalForm(StepUpForm):
    """The password; and its name typed, where something that could be restored goes with it."""

    confirm = forms.CharField(
        max_length=collections.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, name: str, typed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name
        self.fields["confirm"].label = gettext("Type “%(name)s”") % {"name": name}
        if not typed:
            del self.fields["confirm"]

    def clean_confirm(self) -> str:
        if " ".join(self.cleaned_data["confirm"].split()).casefold() != self._name.casefold():
            wrong = gettext("Type the name of the collection as it stands above.")
            raise forms.ValidationError(wrong)
        return self._name


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def collection_delete(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    access = request.access
    found, now = collections.get(access, collection_id), removal.look(access, collection_id)
    typed = bool(now.forgotten)
    form = RemovalForm(request.POST or None, request=request, name=found.name, typed=typed)
    if form.is_valid():
        try:
            removals.remove(access, form.owner_key, collection_id, shred=typed)
        except (NotNow, Refused, Stale) as error:
            form.add_error(None, str(error))
        else:
            open_vault(request, vaults.open_with(form.owner_key))
            words = gettext("%(name)s is deleted.") % {"name": found.name}
            messages.success(request, words)
            return redirect("settings")
    context = {
        "form": form,
        "collection": found,
        "now": now,
        "busy": removals.busy(access),
        "others": [one for one in collections.listing(access) if one.id != collection_id],
    }
    return render(request, "pages/collection_delete.html", context)


@vault_required
@require_POST
def collection_clear(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    """Move or forget all that is in it, as any other act on many: with one undo."""
    access, then = request.access, reverse("collection-delete", args=[collection_id])
    verb = "move" if request.POST.get("verb") == "move" else "forget"
    param = request.POST.get("to", "") if verb == "move" else ""
    try:
        all_of_it = Selection(collections=[collection_id])
        begun = acts.begin(access, verb, all_of_it, param=param)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(then)
    return after(request, acts.go_on(access, begun.id, seconds=_SECONDS), then)
