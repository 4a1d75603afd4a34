"""Is everything there that must be: each collection compared with its manifest, and a way out."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.gate import VaultRequest, vault_required
from frontend.stepup import StepUpForm
from vault import collections, manifests
from vault.access import Access
from vault.errors import Tampered
from vault.types import Collection


@vault_required
def checkup(request: VaultRequest) -> HttpResponse:
    """Look, when asked to: a large vault takes a second or two."""
    results = _results(request.access) if request.method == "POST" else []
    context = {"results": results, "wrong": any(reason for *_, reason in results)}
    return render(request, "pages/checkup.html", context)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def accept(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    """Take what is there as what must be there: after a restored backup, or a loss looked into."""
    found = collections.get(request.access, collection_id)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        count = manifests.remake(request.access, collection_id)
        messages.success(
            request, f"{found.name} now stands as it is, with {count:,} of its memories."
        )
        return redirect("checkup")
    context = {"form": form, "collection": found, "reason": _reason(request.access, found)}
    return render(request, "pages/checkup_accept.html", context)


def _results(access: Access) -> list[tuple[Collection, int, str]]:
    """Each collection with how many memories were checked, or else what is wrong."""
    results = []
    for one in collections.listing(access):
        reason = _reason(access, one)
        results.append((one, one.count or 0, reason))
    return results


def _reason(access: Access, collection: Collection) -> str:
    try:
        manifests.check(access, collection.id)
    except Tampered as error:
        return str(error)
    return ""
