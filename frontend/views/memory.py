"""One memory: read it, see where it comes from and who read it, change, move, pin, forget it."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from frontend.forms.basic import EditForm, MemoryForm
from frontend.forms.memories import SpanForm
from frontend.presenters import loglines, memorypage
from frontend.presenters.disagreements import disagreements
from frontend.presenters.wanted import uuid_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.words import actwords
from vault import collections, memories
from vault.acting import acts, merging, relations
from vault.errors import Invalid, NotFound, Stale, Tampered
from vault.memories import UNDO_FOR
from vault.reviewing import review, suggestions
from vault.types import Draft, Memory
from vault.visible import Selection


@vault_required
def memory(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    try:
        found = memories.get(request.access, memory_id)
    except Tampered as error:
        context = {"memory_id": memory_id, "reason": str(error)}
        return render(request, "pages/memory_unreadable.html", context, status=500)
    return _page(request, found)


@keeps_typed(fields_of(MemoryForm))
@vault_required
def new(request: VaultRequest) -> HttpResponse:
    listed = collections.listing(request.access)
    form = MemoryForm(request.POST or None, collections=listed)
    hand_back(request, form)
    if form.is_valid():
        said = form.cleaned_data
        draft = Draft(text=said["text"], kind=said["kind"])
        try:
            made = memories.remember(request.access, UUID(said["collection"]), draft)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Remembered."))
            return redirect("memory", made.id)
    return render(request, "pages/memory_new.html", {"form": form})


@keeps_typed(fields_of(EditForm))
@vault_required
def edit(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The form in place of the card, or on a page of its own without JavaScript."""
    now = memories.get(request.access, memory_id)
    first = {"text": now.text, "kind": now.kind, "revision": now.revision}
    data = request.POST.copy()
    form = EditForm(data or None, initial=first, kind=now.kind)
    hand_back(request, form)
    if form.is_valid() and _revised(request, now, form):
        return back(request, memory_id)
    data["revision"] = str(now.revision)  # what is sent next is about what is shown now
    return _page(request, now, form)


@vault_required
@require_POST
def revert(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """Put an earlier state back; what it replaces stays in the history."""
    wanted = request.POST.get("revision") or request.GET.get("revision", "")
    before = memories.get(request.access, memory_id)
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
            undo = _undo_of(request, before)
            messages.success(request, gettext("The earlier words are back."), undo)
            return back(request, memory_id)
    raise NotFound(gettext("There is no such earlier state."))


@vault_required
@require_POST
def pin(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    memories.revise(request.access, memory_id, pinned=request.POST.get("pinned") == "yes")
    return back(request, memory_id)


@vault_required
@require_POST
def confirm(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The owner says that it is right: apps may ask for confirmed memories only."""
    return _acted(request, memory_id, "confirm")


@keeps_typed(fields_of(SpanForm), around=True)
@vault_required
@require_POST
def span(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """From and until when it is true."""
    form, before = SpanForm(request.POST), memories.get(request.access, memory_id)
    if not form.is_valid():
        return _page(request, before, dates=form)
    try:
        start, end = form.span()
        memories.revise(request.access, memory_id, valid_from=start, valid_until=end)
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, before, dates=form)
    messages.success(request, gettext("Saved."), _undo_of(request, before))
    return back(request, memory_id)


@vault_required
@require_POST
def move(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    return _acted(request, memory_id, "move", request.POST.get("collection", ""))


def _acted(request: VaultRequest, memory_id: UUID, verb: str, param: str = "") -> HttpResponse:
    """As it is done to many memories, and told and undone like that; then back to this one."""
    access, here = request.access, reverse("memory", args=[memory_id]) + _within(request)
    try:
        begun = acts.begin(access, verb, Selection(ids=[memory_id]), param=param)
    except Invalid as error:
        raise NotFound(str(error)) from None
    done = acts.go_on(access, begun.id)
    undo = f"{reverse('act-undo', args=[done.id])}?{urlencode({'next': here})}"
    names = collections.names(access)
    words = actwords.done(done, names)
    if verb == "move" and done.changed:
        words = gettext("Moved to %(name)s.") % {"name": names[UUID(param)]}
    messages.success(request, words, undo if done.changed else "")
    return redirect(here)


@vault_required
@require_POST
def forget(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    forgotten = memories.forget(request.access, memory_id)
    if isinstance(forgotten, Memory) and forgotten.altered:
        messages.success(
            request, gettext("It is destroyed: what was left of it could not be read.")
        )
        return redirect("memories")
    undo = reverse("memory-restore", args=[memory_id])
    words = gettext("Forgotten. You can undo this for %(days)s days.") % {"days": UNDO_FOR.days}
    messages.success(request, words, undo)
    return redirect("memories")


@vault_required
@require_POST
def restore(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    memories.restore(request.access, memory_id)
    messages.success(request, gettext("It is back."))
    return back(request, memory_id)


def back(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """To the memory, which still knows the list that it was opened from."""
    return redirect(reverse("memory", args=[memory_id]) + _within(request))


def _within(request: VaultRequest) -> str:
    """What addresses on its page say of that list; "" without one."""
    kept = request.GET.copy()
    for name in ("own", "revision"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}" if kept.get("in") == "list" else ""


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
        words = gettext(
            "This memory changed while you were writing. What it says now is shown below; "
            "save again to replace that."
        )
        form.add_error("text", words)
        form.overtaken = True
        return False
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    _decline(request, now)
    undo = _undo_of(request, now)
    words = gettext("Saved. The earlier words are in the history.") if undo else gettext("Saved.")
    messages.success(request, words, undo)
    return True


def _undo_of(request: VaultRequest, before: Memory) -> str:
    """The address that puts this state back; "" when it is the present one."""
    if memories.get(request.access, before.id).revision == before.revision:
        return ""
    within = _within(request) or "?"
    return f"{reverse('memory-revert', args=[before.id])}{within}&revision={before.revision}"


def _decline(request: VaultRequest, now: Memory) -> None:
    """Words of the owner's own settle the other version that they were written against."""
    waiting = uuid_of(request.GET.get("own", ""))
    if waiting in [one.id for one in suggestions.about(request.access, now.id)]:
        review.decline(request.access, waiting)


def _dates(request: VaultRequest, now: Memory) -> SpanForm:
    form = SpanForm.of(now)
    hand_back(request, form, reverse("memory-span", args=[now.id]))
    return form


def _page(
    request: VaultRequest,
    now: Memory,
    form: EditForm | None = None,
    dates: SpanForm | None = None,
) -> HttpResponse:
    access = request.access
    context: dict[str, object] = {
        "memory": now,
        "form": form,
        "names": collections.names(access),
        "within": _within(request),
    }
    if form is not None and request.htmx:
        return render(request, "pages/memory.html#edit", context)
    context |= {
        "history": memorypage.past(memories.history(access, now.id), now),
        "readers": memorypage.readers(access, now),
        "disagreements": disagreements(access, now),
        "reads": loglines.readings(access, now.id),
        "looked_through": loglines.LOOKED_THROUGH,
        "undo_days": UNDO_FOR.days,
        "dates": dates or _dates(request, now),
        "relations": relations.relations(access, now.id),
        "same": merging.same_words(access, now.id),
        "place": memorypage.place(access, now.id, request.GET),
    }
    return render(request, "pages/memory.html", context, status=422 if dates else 200)
