"""The page of one import, whatever its state: what it shows, and under which title."""

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from frontend.signin.gate import VaultRequest
from frontend.words import FOUND_NAMES
from sync.importing import placing
from sync.types import Import
from vault import collections


def state_page(request: VaultRequest, one: Import, form: BaseForm | None) -> HttpResponse:
    """`form` is the question that waits for the owner, if there is one."""
    access = request.access
    found = [(words, one.found.get(key, 0)) for key, words in FOUND_NAMES.items()]
    context = {
        "one": one,
        "found": found,
        "form": form,
        "names": {c.id: c.name for c in collections.listing(access)},
        "title": title_of(one),
    }
    if one.state == "done" and one.sorted:
        context["places"] = placing.brought_to(access, one.id)
    page = "pages/import_state.html"
    status = 422 if form is not None and form.errors else 200
    return render(request, f"{page}#state" if request.htmx else page, context, status=status)


def title_of(one: Import) -> str:
    own = one.vendor in ("", "plain")
    what = "your files" if own else f"your {one.vendor_name} export"
    return {
        "reading": f"Reading {what}",
        "asking": "What is in these files?",
        "preview": f"This is in {what}",
        "writing": f"Adding {what} to your vault",
        "indexing": "Added. Now making it searchable",
        "undoing": "Taking the import back",
        "done": f"Imported {what}",
        "failed": "This could not be imported",
        "cancelled": "Import cancelled",
        "undone": "Import taken back",
    }[one.state]
