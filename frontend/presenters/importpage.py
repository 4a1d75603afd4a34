"""The page of one import, whatever its state: what it shows, and under which title."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from frontend.signin.gate import VaultRequest
from frontend.words.found import counted, title
from sync.importing import imports, placing
from sync.types import Import
from vault import collections
from vault.access import Access
from vault.reviewing import review

_TOLD = ("turns", "memories", "instructions", "documents")
"""What each becomes a memory, of what an import counts."""


@dataclass(frozen=True, slots=True)
class Result:
    """Where an import went: how many of its memories each collection has now, how many of them
    wait for the owner's word, and what of its like waits in review."""

    places: Mapping[UUID, int]
    held: int
    alike: int

    @property
    def total(self) -> int:
        return sum(self.places.values())


def state_page(request: VaultRequest, one: Import, form: BaseForm | None) -> HttpResponse:
    """`form` is the question that waits for the owner, if there is one."""
    access = request.access
    context: dict[str, Any] = {
        "one": one,
        "found": list(counted(one.found)),
        "form": form,
        "names": {c.id: c.name for c in collections.listing(access)},
        "title": title(one.state, one.vendor),
        "undo_until": _undo_until(one),
        "nothing_new": _nothing_new(one),
    }
    if one.state in ("done", "undone", "cancelled"):
        context["result"] = _result(access, one)
    page = "pages/import_state.html"
    status = 422 if form is not None and form.errors else 200
    return render(request, f"{page}#state" if request.htmx else page, context, status=status)


def _result(access: Access, one: Import) -> Result:
    waiting = review.counts(access)
    return Result(
        places=placing.brought_to(access, one.id),
        held=placing.held_of(access, one.id),
        alike=waiting.duplicate + waiting.disagreement,
    )


def _nothing_new(one: Import) -> bool:
    told = sum(one.found.get(what, 0) for what in _TOLD)
    return 0 < told <= one.found.get("known", 0)


def _undo_until(one: Import) -> datetime | None:
    """None when it is too late, or there is nothing to take back."""
    until = one.started_at + imports.UNDO_FOR
    over = one.state == "done" or (one.state in ("cancelled", "failed") and one.written)
    return until if over and until > timezone.now() else None
