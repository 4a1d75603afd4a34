"""The owner's word on what speaks against a memory, said on the memory's own page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from frontend.presenters import secondthoughts
from frontend.presenters.secondthoughts import Thought
from frontend.presenters.wanted import uuid_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.views.memory import back
from vault import memories
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.reviewing import pairs, review, settling, suggestions
from vault.types import Draft, Memory, Suggestion

Said = tuple[str, Thought]
_BOTH = gettext_lazy("Both are kept: the newer one holds now, the older one was true until then.")


@vault_required
@require_POST
def settle(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """Keep ours, theirs, or both as of different times."""
    access, do = request.access, request.POST.get("do", "")
    memory, about = memories.get(access, memory_id), uuid_of(request.POST.get("about", ""))
    try:
        words, thought = _settled(access, memory, about, do)
    except (Invalid, NotFound, Stale) as error:
        messages.error(request, str(error))
    else:
        undo = secondthoughts.keep(request, thought, "memory-unsettle", memory_id=memory_id)
        messages.success(request, words, undo)
    return back(request, memory_id)


@vault_required
@require_POST
def unsettle(request: VaultRequest, memory_id: UUID, token: str) -> HttpResponse:
    """Take that back: it waits again."""
    thought = secondthoughts.take(request, token)
    if thought is None:
        messages.error(request, gettext("That was too long ago to be undone here."))
        return back(request, memory_id)
    try:
        secondthoughts.undo(request.access, thought)
    except (Invalid, NotFound, Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Undone. It waits again."))
    return back(request, memory_id)


def _settled(access: Access, memory: Memory, about: UUID | None, do: str) -> Said:
    if do not in ("ours", "theirs", "both"):
        raise Invalid(gettext("Choose one of the buttons."), "do")
    waiting = next((one for one in suggestions.about(access, memory.id) if one.id == about), None)
    if waiting is not None:
        return _on_letter(access, memory, waiting, do)
    for pair in pairs.about(access, memory.id, "disagreement"):
        if pair.id == about:
            return _on_pair(access, memory, pair, do)
    raise NotFound(gettext("This was decided meanwhile. What the memory says now is shown here."))


def _on_letter(access: Access, memory: Memory, one: Suggestion, do: str) -> Said:
    if do == "ours":
        letter = review.decline(access, one.id)
        return gettext("Kept as it was in your vault."), Thought(letters=(letter,))
    if do == "theirs":
        _, letter = review.accept(access, one.id)
        words = gettext("Kept the other version. Yours is in the history.")
        return words, Thought(letters=(letter,))
    theirs_is_newer = one.suggested_at > memory.updated_at
    older = memory.text if theirs_is_newer else one.text or memory.text
    until = max(one.suggested_at, memory.updated_at)
    if theirs_is_newer:
        _, letter = review.accept(access, one.id)
    else:
        letter = review.decline(access, one.id)
    began = memory.valid_from if memory.valid_from and memory.valid_from < until else None
    draft = Draft(older, memory.kind, memory.title, valid_from=began, valid_until=until)
    made = memories.remember(access, memory.collection_id, draft)
    written = made.id if isinstance(made, Memory) else None
    return str(_BOTH), Thought(letters=(letter,), made=written)


def _on_pair(access: Access, memory: Memory, pair: pairs.Pair, do: str) -> Said:
    if do == "both":
        settling.holds(access, pair.id, pair.second.id)
        return str(_BOTH), Thought(pair=pair.id)
    holds = memory.id if do == "ours" else pair.other(memory.id).id
    settling.forget(access, pair.id, pair.other(holds).id)
    return gettext("Kept this one. The other is forgotten."), Thought(pair=pair.id)
