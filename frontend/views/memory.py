"""One memory: read it, see where it comes from and who read it, change, move, pin, forget it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.basic import EditForm, MemoryForm
from frontend.forms.memories import SpanForm
from frontend.presenters import loglines
from frontend.presenters.excerpts import Change, changes
from frontend.signin.gate import VaultRequest, vault_required
from frontend.templatetags.spans import days
from frontend.words import KIND_NAMES
from vault import collections, grants, memories, merging, relations
from vault.access import Access
from vault.errors import Invalid, NotFound, Stale, Tampered
from vault.memories import UNDO_FOR
from vault.text import clean
from vault.types import Draft, Grant, Memory, Revision
from vault.unreadable import WORDS

_READS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fact:
    """Something beside the words that a change touched, before and after."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier state, and what the change after it did to its words and its facts."""

    revision: Revision
    changes: list[Change]
    facts: list[Fact]


@vault_required
def memory(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    try:
        found = memories.get(request.access, memory_id)
    except Tampered as error:
        context = {"memory_id": memory_id, "reason": str(error)}
        return render(request, "pages/memory_unreadable.html", context, status=500)
    return _page(request, found)


@vault_required
def new(request: VaultRequest) -> HttpResponse:
    listed = collections.listing(request.access)
    form = MemoryForm(request.POST or None, collections=listed)
    if form.is_valid():
        said = form.cleaned_data
        draft = Draft(text=said["text"], kind=said["kind"])
        try:
            made = memories.remember(request.access, UUID(said["collection"]), draft)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "Remembered.")
            return redirect("memory", made.id)
    return render(request, "pages/memory_new.html", {"form": form})


@vault_required
def edit(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The form in place of the card, or on a page of its own without JavaScript."""
    now = memories.get(request.access, memory_id)
    first = {"text": now.text, "kind": now.kind, "revision": now.revision}
    data = request.POST.copy()
    form = EditForm(data or None, initial=first, kind=now.kind)
    if form.is_valid() and _revised(request, now, form):
        return redirect("memory", memory_id)
    data["revision"] = str(now.revision)  # what is sent next is about what is shown now
    return _page(request, now, form)


@vault_required
@require_POST
def revert(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """Put an earlier state back; what it replaces stays in the history."""
    wanted = request.POST.get("revision", "")
    for old in memories.history(request.access, memory_id):
        if str(old.revision) == wanted:
            memories.revise(
                request.access,
                memory_id,
                text=old.text,
                kind=old.kind,
                title=old.title,
                valid_from=old.valid_from,
                valid_until=old.valid_until,
            )
            messages.success(request, "The earlier words are back.")
            return redirect("memory", memory_id)
    raise NotFound("There is no such earlier state.")


@vault_required
@require_POST
def pin(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    memories.revise(request.access, memory_id, pinned=request.POST.get("pinned") == "yes")
    return redirect("memory", memory_id)


@vault_required
@require_POST
def confirm(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The owner says that it is right: apps may ask for confirmed memories only."""
    memories.revise(request.access, memory_id)
    return redirect("memory", memory_id)


@vault_required
@require_POST
def span(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """From and until when it is true."""
    form = SpanForm(request.POST)
    if not form.is_valid():
        return _page(request, memories.get(request.access, memory_id), dates=form)
    try:
        start, end = form.span()
        memories.revise(request.access, memory_id, valid_from=start, valid_until=end)
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, memories.get(request.access, memory_id), dates=form)
    messages.success(request, "Saved.")
    return redirect("memory", memory_id)


@vault_required
@require_POST
def move(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    try:
        target = UUID(request.POST.get("collection", ""))
    except ValueError:
        raise NotFound("There is no such collection.") from None
    moved = memories.move(request.access, memory_id, target)
    home = collections.get(request.access, moved.collection_id)
    messages.success(request, f"Moved to {home.name}.")
    return redirect("memory", memory_id)


@vault_required
@require_POST
def forget(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    forgotten = memories.forget(request.access, memory_id)
    if forgotten.text == WORDS:
        messages.success(request, "It is destroyed: what was left of it could not be read.")
        return redirect("memories")
    undo = reverse("memory-restore", args=[memory_id])
    messages.success(request, f"Forgotten. You can undo this for {UNDO_FOR.days} days.", undo)
    return redirect("memories")


@vault_required
@require_POST
def restore(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    memories.restore(request.access, memory_id)
    messages.success(request, "It is back.")
    return redirect("memory", memory_id)


def _revised(request: VaultRequest, now: Memory, form: EditForm) -> bool:
    said = form.cleaned_data
    try:
        memories.revise(
            request.access,
            now.id,
            text=said["text"],
            kind=said["kind"],
            if_revision=said["revision"],
        )
    except Stale:
        form.add_error(
            "text",
            "This memory changed while you were writing. What it says now is shown below; "
            "save again to replace that.",
        )
        return False
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    messages.success(request, "Saved. The earlier words are in the history.")
    return True


def _page(
    request: VaultRequest,
    now: Memory,
    form: EditForm | None = None,
    dates: SpanForm | None = None,
) -> HttpResponse:
    access = request.access
    listed = collections.listing(access)
    context: dict[str, object] = {
        "memory": now,
        "form": form,
        "collections": listed,
        "names": {c.id: c.name for c in listed},
    }
    if form is not None and request.htmx:
        return render(request, "pages/memory.html#edit", context)
    context |= {
        "history": past(memories.history(access, now.id), now),
        "readers": readers(access, now),
        "reads": loglines.lines(access, memory_id=now.id, limit=_READS_SHOWN),
        "undo_days": UNDO_FOR.days,
        "dates": dates or SpanForm.of(now),
        "relations": relations.relations(access, now.id),
        "same": merging.same_words(access, now.id),
    }
    return render(request, "pages/memory.html", context, status=422 if dates else 200)


def past(history: list[Revision], now: Memory) -> list[Past]:
    """The history, each state with the change that ended it."""
    newer: Memory | Revision = now
    found = []
    for old in history:
        words = changes(clean(old.text), clean(newer.text))
        found.append(Past(old, words, list(_facts(old, newer))))
        newer = old
    return found


def _facts(old: Revision, new: Memory | Revision) -> Iterator[Fact]:
    if old.kind != new.kind:
        yield Fact("Kind", KIND_NAMES[old.kind], KIND_NAMES[new.kind])
    if old.title != new.title:
        yield Fact("Title", clean(old.title) or "none", clean(new.title) or "none")
    if (old.valid_from, old.valid_until) != (new.valid_from, new.valid_until):
        yield Fact("True", days(old) or "without end", days(new) or "without end")


def readers(access: Access, now: Memory) -> list[Grant]:
    """The grants that can see this memory today."""
    active = [grant for grant in grants.listing(access) if grant.state == "active"]
    return [g for g in active if (r := g.rights.get(now.collection_id)) is not None and r.see]
