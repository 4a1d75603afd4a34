"""Imports: choose files, watch them being read, judge the preview, say yes or no, undo."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from connectors.plain.texts import PASTED
from frontend.forms.asking import AskingForm
from frontend.forms.sorting import PlacingForm, PrivateForm
from frontend.presenters import importguide
from frontend.presenters.importpage import state_page
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import Typed, fields_of, hand_back, keeps_typed, take
from sync.errors import NotNow
from sync.importing import imports, placing
from sync.importing.uploads import LARGEST, LONGEST_TEXT, SealedUpload, sealed_text
from sync.types import Import
from vault import collections
from vault.errors import Invalid


@keeps_typed(lambda name: name == "text")
@vault_required
@sensitive_post_parameters("text")
@sensitive_variables()
def listing(request: VaultRequest) -> HttpResponse:
    """The files to import, or a text to paste; how to get them; and what was imported before."""
    if request.method == "POST":
        return _begin(request)
    return _page(request, kept=take(request))


def _page(request: VaultRequest, kept: Typed | None = None, **wrong: str) -> HttpResponse:
    """`error` or `text_error`, and the `text` that was pasted, when something was wrong; or what
    was `kept` of it."""
    wanted = request.GET.get("find", "")[:100]
    context: dict[str, object] = {
        "sections": importguide.sections(wanted),
        "wanted": wanted,
        "prompt": importguide.PROMPT,
        "longest": LONGEST_TEXT,
        "largest": LARGEST,
        "handed_back": kept is not None,
        "text": kept.fields.get("text", "") if kept else "",
        **wrong,
    }
    if request.htmx:
        return render(request, "pages/import.html#guide", context)
    context["imports"] = imports.listing(request.access)
    return render(request, "pages/import.html", context, status=422 if wrong else 200)


@sensitive_variables()
def _begin(request: VaultRequest) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        sent = [sealed_text(text, PASTED)] if "text" in request.POST else _files(request)
        begun = imports.begin(request.access, sent, collection_id=None)
    except Invalid as error:
        if _by_script(request):
            return JsonResponse({"error": str(error)}, status=422)
        if error.field == "text":
            return _page(request, text_error=str(error), text=text[:LONGEST_TEXT])
        return _page(request, error=str(error))
    address = reverse("import-state", args=[begun.id])
    return JsonResponse({"next": address}) if _by_script(request) else redirect(address)


def _files(request: VaultRequest) -> list[SealedUpload]:
    return cast(list[SealedUpload], request.FILES.getlist("files"))


def _by_script(request: HttpRequest) -> bool:
    """upload.js shows the bytes go; it follows the address in our answer."""
    return request.headers.get("Accept") == "application/json"


@vault_required
def state(request: VaultRequest, import_id: UUID) -> HttpResponse:
    """Where an import is. While it is going on, the page asks for this again each second."""
    one = imports.get(request.access, import_id)
    form: forms.Form | None = None
    if one.state == "preview":
        form = _placing(request, one)
        hand_back(request, form, reverse("import-accept", args=[import_id]))
    if one.state == "asking":
        form = AskingForm(shapes=one.shapes)
        hand_back(request, form, reverse("import-answer", args=[import_id]))
    return state_page(request, one, form)


@keeps_typed(fields_of(PlacingForm, "collection", "pile-"), around=True)
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
    return state_page(request, one, form)


@keeps_typed(fields_of(PrivateForm))
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def private(request: VaultRequest, import_id: UUID) -> HttpResponse:
    """Make a private collection for what has none; the preview then proposes it."""
    one = imports.get(request.access, import_id)
    form = PrivateForm(request.POST or None, request=request)
    hand_back(request, form)
    if form.is_valid():
        try:
            name = form.cleaned_data["name"]
            made = collections.create(request.access, form.owner_key, name=name, private=True)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            words = gettext("Made the private collection %(name)s.") % {"name": made.name}
            messages.success(request, words)
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


def _then(request: VaultRequest, import_id: UUID, act: Callable[[], Import]) -> HttpResponse:
    try:
        act()
    except NotNow as error:
        messages.error(request, str(error))
    return redirect("import-state", import_id)
