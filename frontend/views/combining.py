"""Several memories become one, or one becomes several."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from frontend.forms.memories import MergeForm, SplitForm, proposed_parts
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from vault import browse, collections, memories
from vault.access import Access
from vault.acting import merging, relations, splitting
from vault.errors import Invalid, NotFound
from vault.recalling import recall
from vault.types import Memory
from vault.visible import Selection

_SIMILAR = 8


@keeps_typed(fields_of(MergeForm, "keep", "memory"))
@vault_required
def merge(request: VaultRequest) -> HttpResponse:
    """Choose which one stays. With one memory only, what is most like it is offered beside it."""
    access = request.access
    sent = request.POST or request.GET
    chosen = _chosen(access, sent)
    offered = chosen if len(chosen) > 1 or request.POST else [*chosen, *_similar(access, chosen)]
    form = MergeForm(request.POST or None, memories=offered)
    hand_back(request, form)
    if request.method == "POST" and form.is_valid():
        keep, others = form.chosen()
        try:
            made = merging.merge(access, keep, others, text=form.cleaned_data["text"] or None)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            words = ngettext(
                "Made one memory of %(count)s.",
                "Made one memory of %(count)s.",
                len(others) + 1,
            )
            return _done(request, made.id, words % {"count": len(others) + 1})
    names = {one.id: one.name for one in collections.listing(access)}
    ticked = {str(memory.id) for memory in chosen}
    context = {"form": form, "memories": offered, "ticked": ticked, "names": names}
    return render(request, "pages/merge.html", context, status=422 if form.errors else 200)


@keeps_typed(fields_of(SplitForm))
@vault_required
def split(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The parts, written one below the other."""
    whole = memories.get(request.access, memory_id)
    form = SplitForm(request.POST or None, initial={"text": proposed_parts(whole.text)})
    hand_back(request, form)
    if form.is_valid():
        try:
            parts = splitting.split(request.access, memory_id, form.parts())
        except Invalid as error:
            form.add_error("text", str(error))
        else:
            words = ngettext(
                "Split into %(count)s memory. This is the first.",
                "Split into %(count)s memories. This is the first.",
                len(parts),
            )
            return _done(request, parts[0].id, words % {"count": len(parts)})
    context = {"form": form, "memory": whole}
    return render(request, "pages/split.html", context, status=422 if form.errors else 200)


def _done(request: VaultRequest, memory_id: UUID, words: str) -> HttpResponse:
    latest, *_ = relations.relations(request.access, memory_id)
    messages.success(request, words, reverse("act-undo", args=[latest.act_id]))
    return redirect("memory", memory_id)


def _chosen(access: Access, sent: QueryDict) -> list[Memory]:
    try:
        ids = [UUID(one) for one in sent.getlist("memory")][: merging.MOST]
    except ValueError:
        ids = []
    found = browse.selected(access, Selection(ids=ids), limit=merging.MOST).memories
    if not found:
        raise NotFound(gettext("There is no such memory."))
    return sorted(found, key=lambda memory: ids.index(memory.id))


def _similar(access: Access, chosen: list[Memory]) -> list[Memory]:
    (one,) = chosen
    hits = recall.search(access, one.text, limit=_SIMILAR + 1)
    return [hit.memory for hit in hits if hit.memory.id != one.id][:_SIMILAR]
