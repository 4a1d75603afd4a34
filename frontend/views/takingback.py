"""Taking back all that one grant brought: what that would be, then doing it, with its undo."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from frontend.signin.gate import VaultRequest, vault_required
from frontend.words.numbers import number
from vault.errors import Invalid
from vault.granting import grants
from vault.reviewing import undo as sources


@vault_required
def brought(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """Asks first; what is long goes on at the page of the act."""
    access = request.access
    grant = grants.get(access, grant_id)
    if request.method != "POST":
        context = {"grant": grant, "brought": sources.brought(access, grant_id)}
        return render(request, "pages/grant_brought.html", context)
    try:
        act = sources.take_back(access, grant_id)
    except Invalid:
        messages.error(request, gettext("There is nothing left to take back."))
        return redirect("grant", grant_id)
    if act.working:
        return redirect("act", act.id)
    words = ngettext(
        "Took back %(count)s memory. You can undo this for 30 days.",
        "Took back %(count)s memories. You can undo this for 30 days.",
        act.changed,
    )
    undo_at = reverse("act-undo", args=[act.id])
    messages.success(request, words % {"count": number(act.changed)}, undo_at)
    return redirect("grant", grant_id)
