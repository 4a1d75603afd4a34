"""Imports: choose files, watch them being read, judge the preview, say yes or no, undo."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from connectors.base.registry import archives, vendors
from frontend.gate import VaultRequest, vault_required
from frontend.words import FOUND_NAMES
from sync import imports
from sync.errors import NotNow
from sync.types import Import
from sync.uploads import LARGEST, SealedUpload
from vault import collections
from vault.errors import Invalid, NotFound


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    """The files to import; and what was imported before."""
    if request.method == "POST":
        return _begin(request)
    return _page(request)


def _page(request: VaultRequest, error: str = "") -> HttpResponse:
    with_steps = [vendors()[slug] for slug in archives() if vendors()[slug].export_steps]
    context = {
        "error": error,
        "vendors": sorted(with_steps, key=lambda vendor: vendor.name),
        "imports": imports.listing(request.access),
        "largest": LARGEST,
    }
    return render(request, "pages/import.html", context, status=422 if error else 200)


def _begin(request: VaultRequest) -> HttpResponse:
    uploads = cast(list[SealedUpload], request.FILES.getlist("files"))
    try:
        begun = imports.begin(request.access, uploads, collection_id=None)
    except Invalid as error:
        if _by_script(request):
            return JsonResponse({"error": str(error)}, status=422)
        return _page(request, str(error))
    address = reverse("import-state", args=[begun.id])
    return JsonResponse({"next": address}) if _by_script(request) else redirect(address)


def _by_script(request: HttpRequest) -> bool:
    """upload.js shows the bytes go; it follows the address in our answer."""
    return request.headers.get("Accept") == "application/json"


@vault_required
def state(request: VaultRequest, import_id: UUID) -> HttpResponse:
    """Where an import is. While it is going on, the page asks for this again each second."""
    access = request.access
    one = imports.get(access, import_id)
    listed = collections.listing(access)
    context = {
        "one": one,
        "found": [(words, one.found.get(key, 0)) for key, words in FOUND_NAMES.items()],
        "collections": listed,
        "names": {c.id: c.name for c in listed},
        "title": _title(one),
    }
    if request.htmx:
        return render(request, "pages/import_state.html#state", context)
    return render(request, "pages/import_state.html", context)


@vault_required
@require_POST
def accept(request: VaultRequest, import_id: UUID) -> HttpResponse:
    try:
        target = UUID(request.POST.get("collection", ""))
    except ValueError:
        raise NotFound("There is no such collection.") from None
    return _then(
        request, import_id, lambda: imports.accept(request.access, import_id, collection_id=target)
    )


@vault_required
@require_POST
def cancel(request: VaultRequest, import_id: UUID) -> HttpResponse:
    return _then(request, import_id, lambda: imports.cancel(request.access, import_id))


@vault_required
@require_POST
def undo(request: VaultRequest, import_id: UUID) -> HttpResponse:
    return _then(request, import_id, lambda: imports.undo(request.access, import_id))


@vault_required
@require_POST
def resume(request: VaultRequest, import_id: UUID) -> HttpResponse:
    return _then(request, import_id, lambda: imports.resume(request.access, import_id))


def _then(request: VaultRequest, import_id: UUID, act: Callable[[], Import]) -> HttpResponse:
    try:
        act()
    except NotNow as error:
        messages.error(request, str(error))
    return redirect("import-state", import_id)


def _title(one: Import) -> str:
    what = f"your {one.vendor_name} export" if one.vendor_name else "your files"
    return {
        "reading": f"Reading {what}",
        "preview": f"This is in {what}",
        "writing": f"Adding {what} to your vault",
        "indexing": "Added. Now making it searchable",
        "undoing": "Taking the import back",
        "done": f"Imported {what}",
        "failed": "This could not be imported",
        "cancelled": "Import cancelled",
        "undone": "Import taken back",
    }[one.state]
