"""A grantee's eyes: the owner searches and reads exactly what one grant lets its app see now."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import replace_url

from frontend.signin.gate import VaultRequest, vault_required
from vault import browse, collections
from vault.errors import Invalid
from vault.granting import grants, seen
from vault.recalling import recall

ROWS = 50
_TOKENS = 1000


@vault_required
def see_as(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    grant = grants.get(request.access, grant_id)
    view = seen.seen_by(request.access, grant_id)
    query, cursor = request.GET.get("q", "").strip(), request.GET.get("cursor", "")
    here = reverse("grant-see", args=[grant_id])
    context: dict[str, object] = {"grant": grant, "query": query, "here": here}
    if query:
        hits = recall.search(view, query, limit=ROWS)
        context |= {"memories": [hit.memory for hit in hits]}
    else:
        try:
            page = browse.listing(view, limit=ROWS, cursor=cursor or None)
        except Invalid:
            return redirect(here)
        older = f"{here}?{urlencode({'cursor': page.cursor})}" if page.cursor else ""
        context |= {"memories": page.memories, "cursor": cursor, "older": older}
    if request.htmx:
        context |= {"names": collections.names(view)}
        answer = render(request, "pages/see_as.html#found", context)
        return replace_url(answer, f"{here}?{urlencode({'q': query})}" if query else here)
    listed = collections.listing(view)
    context |= {
        "told": recall.context(view, max_tokens=_TOKENS),
        "collections": listed,
        "names": {one.id: one.name for one in listed},
        "total": sum(one.count or 0 for one in listed),
    }
    return render(request, "pages/see_as.html", context)
