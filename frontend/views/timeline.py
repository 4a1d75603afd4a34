"""The timeline: what was learnt when, and from whom; and what was changed since."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from frontend.presenters import timelinechart, timelinepage
from frontend.presenters.timelinepage import Wanted
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words.sources import look_of
from vault import browse, collections
from vault import timeline as times
from vault.errors import Invalid


@vault_required
def timeline(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.of(request.GET)
    counted = times.months(access, wanted.selection())
    try:
        found = timelinepage.days(access, wanted)
    except Invalid:
        return redirect(wanted.whole)  # a cursor of another day: start at the newest
    listed = collections.listing(access)
    vendors = [look_of(slug) for slug in browse.vendors(access)]
    context = {
        "wanted": wanted,
        "chart": timelinechart.chart(counted, wanted),
        "found": found,
        "collections": listed,
        "names": {c.id: c.name for c in listed},
        "vendors": sorted(vendors, key=lambda look: str(look.name)),
    }
    return render(request, "pages/timeline.html", context)
