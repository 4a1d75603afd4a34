"""How a collection is searched: sealed, or indexed; and the way from one to the other."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from sync.upkeep import turning
from vault import collections


class IndexForm(StepUpForm):
    """The password before a collection's vectors are only obfuscated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.help_text = _("Asked again because this protects your memories less well.")


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def collection_search(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    """The page. Back to sealed needs no password: it only protects better."""
    found = collections.get(request.access, collection_id)
    wanted = request.POST.get("mode", "")
    form = IndexForm(request.POST if wanted == "indexed" else None, request=request)
    if wanted == "sealed" or form.is_valid():
        turning.set_indexed(request.access, collection_id, indexed=wanted == "indexed")
        messages.success(request, str(_ON_THE_WAY[wanted]) % {"name": found.name})
        return redirect("collection-search", collection_id)
    now = turning.state(request.access, collection_id)
    context = {"form": form, "collection": found, "now": now, "percent": int(100 * now.mode.share)}
    return render(request, "pages/collection_search.html", context)


_ON_THE_WAY = {
    "indexed": _("%(name)s is being indexed. Search goes on meanwhile."),
    "sealed": _("%(name)s is being sealed again. Search goes on meanwhile."),
}
