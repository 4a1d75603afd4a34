"""Suggestions: what apps want to add, change or forget, and the owner's word on each."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.excerpts import Change, changes
from frontend.gate import VaultRequest, vault_required
from vault import collections, memories, suggestions
from vault.access import Access
from vault.errors import NotFound
from vault.text import clean
from vault.types import Memory, Suggestion


@dataclass(frozen=True, slots=True)
class Card:
    """A suggestion with the memory it is about; `gone` when that is no longer there."""

    suggestion: Suggestion
    memory: Memory | None
    changes: list[Change]
    gone: bool


@vault_required
def listing(request: VaultRequest) -> HttpResponse:
    access = request.access
    context = {
        "cards": [_card(access, one) for one in suggestions.listing(access)],
        "names": {c.id: c.name for c in collections.listing(access)},
    }
    return render(request, "pages/suggestions.html", context)


@vault_required
@require_POST
def accept(request: VaultRequest, suggestion_id: UUID) -> HttpResponse:
    waiting = {one.id: one for one in suggestions.listing(request.access)}
    memory = suggestions.accept(request.access, suggestion_id)
    done = waiting[suggestion_id].action
    undo = {"remember": "memory-forget", "forget": "memory-restore"}.get(done)
    words = {"remember": "Remembered.", "forget": "Forgotten.", "revise": "Changed."}[done]
    messages.success(request, words, reverse(undo, args=[memory.id]) if undo else "")
    return redirect("suggestions")


@vault_required
@require_POST
def decline(request: VaultRequest, suggestion_id: UUID) -> HttpResponse:
    suggestions.decline(request.access, suggestion_id)
    messages.success(request, "Declined. The app is not told.")
    return redirect("suggestions")


def _card(access: Access, one: Suggestion) -> Card:
    if one.memory_id is None:
        return Card(one, None, [], gone=False)
    try:
        memory = memories.get(access, one.memory_id)
    except NotFound:
        return Card(one, None, [], gone=True)
    diff = changes(clean(memory.text), clean(one.text)) if one.action == "revise" else []
    return Card(one, memory, diff, gone=memory.forgotten_at is not None)
