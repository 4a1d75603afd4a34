"""Go to, or do: one field from which every page, the usual acts and what is in the vault is found.

A page with JavaScript shows it over itself and asks for the list alone.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from frontend.presenters import palette
from frontend.signin.gate import VaultRequest, vault_required
from frontend.views.serverhealth import is_operator
from frontend.words.places import Place


def _own(request: VaultRequest) -> list[Place]:
    """Pages that only some people have."""
    health = Place("server-health", "server", _("Server health"), _("operator queues disk"))
    return [health] if is_operator(request) else []


@vault_required
@require_safe
def go(request: VaultRequest) -> HttpResponse:
    asked = request.GET.get("q", "")[: palette.LONGEST].strip()
    context = {"asked": asked, "found": palette.look(request.access, asked, _own(request))}
    if request.htmx:
        return render(request, "parts/palette_list.html", context)
    return render(request, "pages/go.html", context)
