"""A collection's key: give it a new one, and watch how what is there is sealed anew."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from sync.upkeep import resealing
from vault import collections
from vault.keys import rotation


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def collection_key(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    found = collections.get(request.access, collection_id)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        rotation.rotate(request.access, form.owner_key, collection_id)
        resealing.start(request.access)
        words = gettext("%(name)s has a new key.") % {"name": found.name}
        messages.success(request, words)
        return redirect("collection-key", collection_id)
    done, total = rotation.waiting(request.access).get(collection_id, (0, 0))
    context = {"form": form, "collection": found, "done": done, "total": total}
    return render(request, "pages/collection_key.html", context)
