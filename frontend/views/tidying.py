"""Sort what is here: memories that seem to belong elsewhere, ticked, moved, and put back."""

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from frontend.signin.gate import VaultRequest, vault_required
from frontend.words.numbers import number
from vault import collections
from vault.errors import Invalid, NotFound
from vault.reviewing import misplaced

_UNDO = "sorted-acts"


@vault_required
def here(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    """The next portion of a collection: what of it seems to belong elsewhere."""
    access, error = request.access, ""
    if request.method == "POST":
        try:
            return _moved(request, collection_id)
        except Invalid as wrong:
            error = str(wrong)
    listed = collections.listing(access)
    home = collections.get(access, collection_id)
    try:
        found = misplaced.find(access, collection_id, cursor=request.GET.get("cursor") or None)
    except Invalid:
        return redirect("sorting-here", collection_id)
    context = {
        "home": home,
        "found": found,
        "names": {c.id: c.name for c in listed},
        "error": error,
        "next": _address(collection_id, found.cursor) if found.cursor else "",
    }
    return render(request, "pages/sorting_here.html", context, status=422 if error else 200)


@vault_required
@require_POST
def undo(request: VaultRequest) -> HttpResponse:
    """Put back what was moved last."""
    acts = [UUID(act) for act in request.session.pop(_UNDO, [])]
    if not acts:
        raise NotFound(gettext("There is nothing to undo."))
    misplaced.undo(request.access, acts)
    messages.success(request, gettext("They are back where they were."))
    return redirect("sorting")


def _moved(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    acts = misplaced.move(request.access, dict(_ticked(request)))
    count = sum(act.changed for act in acts)
    request.session[_UNDO] = [str(act.id) for act in acts]
    words = ngettext("Moved %(count)s memory.", "Moved %(count)s memories.", count)
    said = words % {"count": number(count)}
    messages.success(request, said, reverse("sorting-undo"))
    return redirect(_address(collection_id, request.GET.get("cursor", "")))


def _ticked(request: VaultRequest) -> Iterator[tuple[UUID, UUID]]:
    """Each box holds the memory and where it would go."""
    for value in request.POST.getlist("move"):
        memory, _, target = value.partition(":")
        try:
            yield UUID(memory), UUID(target)
        except ValueError:
            words = gettext("Something of this form is missing. Look at the page again.")
            raise Invalid(words) from None


def _address(collection_id: UUID, cursor: str | None) -> str:
    query = f"?{urlencode({'cursor': cursor})}" if cursor else ""
    return reverse("sorting-here", args=[collection_id]) + query
