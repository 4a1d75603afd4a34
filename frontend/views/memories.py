"""The memories: search as you type, filters, saved views, pages of fifty."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django_htmx.http import replace_url

from frontend.presenters.finding import Chip, Found, chips, find
from frontend.presenters.manyacts import offered
from frontend.presenters.viewlinks import links
from frontend.presenters.wanted import LEARNT, Wanted
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words import KIND_NAMES, actwords
from frontend.words.findingwords import LEARNT_WORDS
from frontend.words.sources import look_of
from vault import browse, collections
from vault.access import Access
from vault.acting import acts
from vault.errors import Invalid

_VIEWS_SHOWN = 12


@vault_required
def memories(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.of(request.GET)
    names = collections.names(access)
    trouble = _trouble(wanted, names)
    try:
        found = Found([], 0) if trouble else find(access, wanted)
    except Invalid:
        return redirect(wanted.address())  # a cursor of another day: start at the newest
    # Around a fragment the views stand already; whether this is one of them says what can be saved.
    views = links(access, wanted, names) if wanted.parts or not request.htmx else []
    context: dict[str, object] = {"wanted": wanted, "found": found, "names": names}
    context |= {"trouble": trouble, **offered(forgotten=wanted.forgotten)}
    context |= {"chips": _chips(wanted, names), "views": views, "views_shown": views[:_VIEWS_SHOWN]}
    context |= {"saved": any(view.here for view in views)}
    if request.htmx:
        answer = render(request, "pages/memories.html#results", context)
        return replace_url(answer, wanted.address(wanted.cursor))
    return render(request, "pages/memories.html", context | _around(access, names))


def _around(access: Access, names: dict[UUID, str]) -> dict[str, object]:
    """What stands around the results: the filters with their counts, and what was broken off."""
    counts = browse.counts(access)
    vendors = sorted(map(look_of, counts.by_vendor), key=lambda look: str(look.name).casefold())
    broken_off = acts.unfinished(access)
    return {
        "collections": collections.listing(access),
        "counts": counts,
        "kinds": KIND_NAMES.items(),
        "learnt": [(code, LEARNT_WORDS[code]) for code in LEARNT],
        "vendors": vendors,
        "broken_off": [(act, actwords.doing(act, names)) for act in broken_off],
    }


def _trouble(wanted: Wanted, names: dict[UUID, str]) -> list[str]:
    """Why nothing can be looked for, in sentences."""
    if wanted.collection and wanted.collection not in names:
        gone = gettext("The collection that this looks into is not there any more.")
        return [gone, *wanted.trouble]
    return wanted.trouble


def _chips(wanted: Wanted, names: dict[UUID, str]) -> list[Chip]:
    return chips(wanted, names) if wanted.filtered else []
