"""The map: memories as points, near where they are near in meaning; and the list beside it."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh, replace_url

from frontend.presenters import mappage
from frontend.presenters.manyacts import offered
from frontend.presenters.mappage import Wanted
from frontend.signin.gate import VaultRequest, vault_required
from frontend.templatetags.ui import source_of
from frontend.words import KIND_NAMES
from frontend.words.sources import look_of
from vault import collections, memories
from vault.access import Access
from vault.embedding import embedders
from vault.errors import Tampered
from vault.mapping import maps
from vault.mapping.maps import Map
from vault.text import clean

_READ = 360  # characters of a memory beside the map


@vault_required
def map(request: VaultRequest) -> HttpResponse:
    """The page; while the map is drawn its progress, which asks again by itself."""
    access, wanted = request.access, Wanted.of(request.GET)
    found = maps.look(access, talks=wanted.talks)
    context: dict[str, object] = {"wanted": wanted, "found": found}
    if request.htmx and "progress" in request.GET:
        if found.state != "drawing":
            return HttpResponseClientRefresh()
        return render(request, "pages/map_progress.html", context)
    listed = collections.listing(access)
    context |= {"collections": listed, "names": {c.id: c.name for c in listed}}
    if picture := found.picture:
        context["region"] = mappage.listed(access, picture, wanted)
        context["parts"] = mappage.parts(access, picture, wanted)
        context |= offered()
        if request.htmx:
            answer = render(request, "pages/map_list.html", context)
            return replace_url(answer, wanted.address())
        context["legend"] = mappage.legend(picture, wanted)
        context["still"] = mappage.still(picture, wanted)
        context["size"] = mappage.SIZE
    context |= _notes(access, found)
    return render(request, "pages/map.html", context)


@vault_required
def points(request: VaultRequest) -> HttpResponse:
    """The points for the script. 409 while there is no map."""
    wanted = Wanted.of(request.GET)
    found = maps.look(request.access, talks=wanted.talks)
    if found.picture is None:
        answer = JsonResponse({}, status=409)
    else:
        answer = JsonResponse(mappage.points(found.picture, wanted))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@vault_required
def card(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    """The words of the one memory that is pointed at."""
    memory = memories.get(request.access, memory_id)
    names = {c.id: c.name for c in collections.listing(request.access)}
    look = look_of(source_of(memory))
    answer = JsonResponse(
        {
            "title": clean(memory.title),
            "text": Truncator(clean(memory.text)).chars(_READ),
            "source": look.slug,
            "code": look.code,
            "name": str(look.name),
            "about": [
                str(KIND_NAMES[memory.kind]),
                clean(names.get(memory.collection_id, "")),
                date_format(memory.when, "SHORT_DATE_FORMAT"),
            ],
        }
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@vault_required
def listed(request: VaultRequest) -> HttpResponse:
    """The memories that are in view: named in the body, since addresses are written down."""
    ids = [
        one for text in request.POST.get("ids", "").split()[: mappage.ROWS] if (one := _id(text))
    ]
    opened = mappage.memories_of(request.access, ids)
    names = {c.id: c.name for c in collections.listing(request.access)}
    seen = [opened[one] for one in ids if one in opened]
    context = {"seen": seen, "names": names, "wanted": Wanted(), **offered()}
    return render(request, "pages/map_view.html", context)


def _notes(access: Access, found: Map) -> dict[str, object]:
    """What is not on the map, and why."""
    try:
        switching = embedders.chosen(access).next is not None
    except Tampered:
        switching = False  # the collection that does not open is named anyway
    names = {c.id: c.name for c in collections.listing(access)}
    lost = gettext("a collection you removed")
    return {
        "switching": switching,
        "closed": [names.get(one, lost) for one in found.shelves.closed],
        "indexed": any(one.indexed for _, one in found.shelves.opened),
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
