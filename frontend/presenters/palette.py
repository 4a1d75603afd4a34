"""What "Go to, or do" finds: pages and acts by their words, what is in the vault by its own."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from frontend.presenters import viewlinks
from frontend.templatetags.ui import collection_name, kind_name, source_of
from frontend.words.places import ACTS, ACTS_FOUND, AROUND, PAGES, PAGES_FOUND, SHOWN_FIRST, Place
from sync.connections import connections
from vault import collections, savedviews
from vault.access import Access
from vault.granting import grants
from vault.recalling import recall
from vault.text import clean
from vault.types import Hit

LONGEST = 200
_MOST = 6
_FEWEST_LETTERS = 2
_WORDS_OF_A_MEMORY = 110


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to choose. `theirs`: its words are the person's own; `source`: a slug to draw."""

    words: str
    address: str
    icon: str = ""
    about: str = ""
    theirs: bool = False
    source: str = ""
    post: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Found:
    """`degraded`: memories were looked for by their words alone."""

    groups: Sequence[Group]
    degraded: bool = False

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.groups)


def look(access: Access, asked: str, own: Sequence[Place] = ()) -> Found:
    """What fits the words; without any, what is done and opened most. `own`: pages that not
    everybody has."""
    words = folded(asked).split()
    if not words:
        return Found(_filled([(ACTS_FOUND, _all(ACTS[:SHOWN_FIRST])), (PAGES_FOUND, _pages())]))
    named = collections.names(access)
    found, degraded = _memories(access, asked, named)
    granted = grants.names(access)
    connected = connections.names(access, granted)
    here, doing = _rated([*pages(), *own], words), _rated(ACTS, words)
    places = [(PAGES_FOUND, here), (ACTS_FOUND, doing)]
    if _best(doing) > _best(here):
        places.reverse()
    parts = [
        *((name, _all([place for _, place in rated[:_MOST]])) for name, rated in places),
        (gettext("Saved views"), _named(words, _views(access))),
        (gettext("Collections"), _named(words, _collections(named))),
        (gettext("Connections"), _named(words, _connections(connected))),
        (gettext("Grants"), _named(words, _grants(granted))),
        (gettext("Memories"), found),  # last, since something is always near in meaning
    ]
    return Found(_filled(parts), degraded)


def pages() -> list[Place]:
    """Those that are there; the pictures of the vault after Activity."""
    around = [place for place in AROUND if _address(place)]
    return [*PAGES[:6], *around, *PAGES[6:]]


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """Without capitals and accents, as people type when they look for something."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _fits(words: Sequence[str], *texts: str) -> int:
    """0 when not every word begins a word there; more when it does so earlier on."""
    name, *others = (folded(text) for text in texts)
    known = name.split()
    if all(any(one.startswith(word) for one in known) for word in words):
        return 3 if name.startswith(words[0]) else 2
    known += [one for other in others for one in other.split()]
    return int(all(any(one.startswith(word) for one in known) for word in words))


def _rated(places: Iterable[Place], words: Sequence[str]) -> list[tuple[int, Place]]:
    """Those that fit, the best first."""
    rated = [(_fits(words, str(place.words), str(place.also)), place) for place in places]
    return sorted((pair for pair in rated if pair[0]), key=lambda pair: -pair[0])


def _best(rated: Sequence[tuple[int, Place]]) -> int:
    return rated[0][0] if rated else 0


def _named(words: Sequence[str], lines: Iterable[Line]) -> list[Line]:
    rated = [(_fits(words, line.words), line) for line in lines]
    best = sorted((pair for pair in rated if pair[0]), key=lambda pair: -pair[0])
    return [line for _, line in best[:_MOST]]


def _pages() -> list[Line]:
    return _all([place for place in pages() if place.key])


def _all(places: Iterable[Place]) -> list[Line]:
    return [_line(place) for place in places if _address(place)]


def _line(place: Place) -> Line:
    return Line(str(place.words), _address(place), place.icon, post=place.post)


def _address(place: Place) -> str:
    """ "" for a page that is not there."""
    try:
        return reverse(place.name) + place.end
    except NoReverseMatch:
        return ""


def _memories(access: Access, asked: str, names: Mapping[UUID, str]) -> tuple[list[Line], bool]:
    """The best few, and the way to all of them."""
    if len(asked) < _FEWEST_LETTERS:
        return [], False
    hits = recall.search(access, asked, limit=_MOST, prefix=True)
    lines = [
        Line(
            _short(hit),
            reverse("memory", args=[hit.memory.id]),
            about=_about(hit, names),
            theirs=True,
            source=source_of(hit.memory),
        )
        for hit in hits
    ]
    words = gettext("Search memories for “%(words)s”") % {"words": asked}
    all_of_them = f"{reverse('memories')}?{urlencode({'q': asked})}"
    return [*lines, Line(words, all_of_them, "search")], hits.degraded


def _about(hit: Hit, names: Mapping[UUID, str]) -> str:
    of = {"kind": kind_name(hit.memory.kind)}
    of["collection"] = collection_name(hit.memory.collection_id, names)
    return gettext("%(kind)s in %(collection)s") % of


def _short(hit: Hit) -> str:
    text = " ".join(clean(hit.memory.title or hit.memory.text).split())
    return text if len(text) <= _WORDS_OF_A_MEMORY else text[: _WORDS_OF_A_MEMORY - 1] + "…"


def _views(access: Access) -> Iterator[Line]:
    for view in savedviews.listing(access):
        yield Line(clean(view.name), viewlinks.what(view).address(), "search", theirs=True)


def _collections(names: Mapping[UUID, str]) -> Iterator[Line]:
    for id, name in names.items():
        query = urlencode({"collection": id})
        yield Line(clean(name), f"{reverse('memories')}?{query}", "folder", theirs=True)


def _connections(names: Mapping[UUID, str]) -> Iterator[Line]:
    for id, name in names.items():
        yield Line(clean(name), reverse("connection", args=[id]), "rotate-ccw", theirs=True)


def _grants(names: Mapping[UUID, str]) -> Iterator[Line]:
    for id, name in names.items():
        yield Line(clean(name), reverse("grant", args=[id]), "grid-3x3", theirs=True)


def _filled(parts: Iterable[tuple[object, Sequence[Line]]]) -> list[Group]:
    return [Group(str(name), lines) for name, lines in parts if lines]
