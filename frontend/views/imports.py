"""Imports: choose files, watch them being read, judge the preview, say yes or no, undo."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from connectors.base.registry import archives, vendors
from frontend.gate import VaultRequest, vault_required
from frontend.sortform import PlacingForm, PrivateForm
from frontend.words import FOUND_NAMES
from sync import imports, placing
from sync.errors import NotNow
from sync.types import Import
from sync.uploads import LARGEST, SealedUpload
from vault import collections
from vault.errors import Invalid


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    """The files to import; and what was imported before."""
    if request.method == "POST":
        return _begin(request)
    return _page(request)


def _page(request: VaultRequest, error: str = "") -> HttpResponse:
    readable = {archive.vendor for archive in archives().values()}
    with_steps = [vendors()[slug] for slug in readable if vendors()[slug].export_steps]
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
    one = imports.get(request.access, import_id)
    form = _placing(request, one) if one.state == "preview" else None
    return _state_page(request, one, form)


@vault_required
@require_POST
def accept(request: VaultRequest, import_id: UUID) -> HttpResponse:
    one = imports.get(request.access, import_id)
    form = _placing(request, one, request.POST)
    if form.is_valid():
        try:
            return _then(
                request,
                import_id,
                lambda: imports.accept(
                    request.access, import_id, collection_id=form.target, sort=form.placing
                ),
            )
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return _state_page(request, one, form)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def private(request: VaultRequest, import_id: UUID) -> HttpResponse:
    """Make a private collection for what has none; the preview then proposes it."""
    one = imports.get(request.access, import_id)
    form = PrivateForm(request.POST or None, request=request)
    if form.is_valid():
        try:
            name = form.cleaned_data["name"]
            made = collections.create(request.access, form.owner_key, name=name, private=True)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"Made the private collection {made.name}.")
            return redirect("import-state", import_id)
    return render(request, "pages/import_private.html", {"form": form, "one": one})


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


def _placing(request: VaultRequest, one: Import, data: QueryDict | None = None) -> PlacingForm:
    piles = one.sorting.piles if one.sorting else ()
    proposed = placing.proposals(request.access, piles, one.collection_id)
    listed = collections.listing(request.access)
    return PlacingForm(data, one=one, collections=listed, proposals=proposed)


def _state_page(request: VaultRequest, one: Import, form: PlacingForm | None) -> HttpResponse:
    access = request.access
    found = [(words, one.found.get(key, 0)) for key, words in FOUND_NAMES.items()]
    context = {
        "one": one,
        "found": found,
        "form": form,
        "names": {c.id: c.name for c in collections.listing(access)},
        "title": _title(one),
    }
    if one.state == "done" and one.sorted:
        context["places"] = placing.brought_to(access, one.id)
    page = "pages/import_state.html"
    status = 422 if form is not None and form.errors else 200
    return render(request, f"{page}#state" if request.htmx else page, context, status=status)


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
