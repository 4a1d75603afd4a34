"""What the map's page shows of a picture: the legend, the regions with some of their memories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from frontend.words.sources import Look, look_of
from vault import browse
from vault.access import Access
from vault.mapping.picture import Picture
from vault.types import Memory
from vault.visible import Selection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.bool_]

STILL = 600
"""Points of the picture for who has no script."""
SIZE = (1000, 700)
"""Of that picture."""
FEW, ROWS = 3, 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. What cannot be is left out."""

    source: str = ""
    collection: UUID | None = None
    talks: bool = False
    region: int | None = None
    start: int = 0

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        source, talks = query.get("source", ""), query.get("talks") == "yes"
        region, start = _number(query.get("region", "")), _number(query.get("start", ""))
        return cls(source, _uuid(query.get("collection", "")), talks, region, start or 0)

    def query(self) -> str:
        parts = {
            "source": self.source,
            "collection": str(self.collection or ""),
            "talks": "yes" if self.talks else "",
            "region": "" if self.region is None else str(self.region),
            "start": str(self.start or ""),
        }
        return urlencode({name: value for name, value in parts.items() if value})

    def address(self) -> str:
        """The shortest address that asks for this."""
        return reverse("map") + (f"?{query}" if (query := self.query()) else "")

    def points(self) -> str:
        query = replace(self, region=None, start=0).query()
        return reverse("map-points") + (f"?{query}" if query else "")

    def progress(self) -> str:
        """How far drawing is: asks for the part of the page that says so."""
        return f"{reverse('map')}?{self.query()}&progress=yes"

    @property
    def whole(self) -> str:
        """The same map, no region chosen."""
        return replace(self, region=None, start=0).address()

    @property
    def with_talks(self) -> str:
        return replace(self, talks=True, region=None, start=0).address()


@dataclass(frozen=True, slots=True)
class Choice:
    """A source of the legend; `look` is None for all of them."""

    look: Look | None
    count: int
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A region: its number from 1, its words, how many memories it has, some of them."""

    number: int
    words: tuple[str, ...]
    count: int
    address: str
    x: int
    y: int
    memories: tuple[Memory, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One region's memories, `start` to `end` of `count`, and where the others are."""

    part: Part
    memories: tuple[Memory, ...]
    start: int
    end: int
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Still:
    """A point of the picture that needs no script."""

    x: int
    y: int
    look: Look


def legend(picture: Picture, wanted: Wanted) -> list[Choice]:
    """Every source that the map has, with how many memories of it fit the collection."""
    counts = picture.by_source(picture.fitting("", wanted.collection))
    looks = sorted(map(look_of, counts), key=lambda look: str(look.name))
    here = replace(wanted, region=None, start=0)
    everything = Choice(
        None, sum(counts.values()), replace(here, source="").address(), not wanted.source
    )
    return [
        everything,
        *(
            Choice(
                look,
                counts[look.slug],
                replace(here, source=look.slug).address(),
                wanted.source == look.slug,
            )
            for look in looks
            if look.slug in counts
        ),
    ]


def parts(access: Access, picture: Picture, wanted: Wanted) -> list[Part]:
    """Every region that has something, the fullest first, with its first few memories."""
    fits = picture.fitting(wanted.source, wanted.collection)
    found = [part for part in _parts(picture, wanted, fits) if part.count]
    first = {
        part.number: picture.memory_ids(picture.of_region(part.number - 1, fits)[:FEW])
        for part in found
    }
    opened = memories_of(access, [id for ids in first.values() for id in ids])
    return [
        replace(part, memories=tuple(opened[id] for id in first[part.number] if id in opened))
        for part in sorted(found, key=lambda part: -part.count)
    ]


def listed(access: Access, picture: Picture, wanted: Wanted) -> Listed | None:
    """The memories of the region that is asked for; None when there is none."""
    fits = picture.fitting(wanted.source, wanted.collection)
    if wanted.region is None or not 0 < wanted.region <= len(picture.regions):
        return None
    part = _parts(picture, wanted, fits)[wanted.region - 1]
    rows = picture.of_region(wanted.region - 1, fits)
    start = wanted.start if wanted.start < len(rows) else 0
    some = picture.memory_ids(rows[start : start + ROWS])
    opened = memories_of(access, some)
    end = start + len(some)
    return Listed(
        part,
        tuple(opened[id] for id in some if id in opened),
        start + 1,
        end,
        replace(wanted, start=max(0, start - ROWS)).address() if start else "",
        replace(wanted, start=end).address() if end < len(rows) else "",
    )


def still(picture: Picture, wanted: Wanted) -> list[Still]:
    """Some hundred points, for who has no script."""
    fits = picture.fitting(wanted.source, wanted.collection)
    rows = picture.drawn(fits, STILL)
    looks = [look_of(vendor) for vendor in picture.vendors]
    width, height = SIZE
    return [
        Still(round(x * width), round(y * height), looks[source])
        for (x, y), source in zip(
            picture.places[rows].tolist(), picture.sources[rows].tolist(), strict=True
        )
    ]


def points(picture: Picture, wanted: Wanted) -> dict[str, object]:
    """For the script: ids and places (0..10,000), no words but those of the regions."""
    fits = picture.fitting(wanted.source, wanted.collection)
    rows = picture.drawn(fits)
    places = (picture.places[rows] * 10_000).round().astype(int)
    return {
        "ids": [id.hex for id in picture.memory_ids(rows)],
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "source": picture.sources[rows].tolist(),
        "sources": list(picture.vendors),
        "regions": [
            {
                "number": part.number,
                "words": part.words,
                "count": part.count,
                "x": one.x,
                "y": one.y,
            }
            for part, one in zip(_parts(picture, wanted, fits), picture.regions, strict=True)
            if part.count
        ],
    }


def memories_of(access: Access, ids: Iterable[UUID]) -> dict[UUID, Memory]:
    """Those of these memories, at most a hundred, that are still there."""
    some = list(ids)[: browse.MOST]
    if not some:
        return {}
    page = browse.selected(access, Selection(ids=some), limit=len(some), altered=True)
    return {one.id: one for one in page.memories}


def _parts(picture: Picture, wanted: Wanted, fits: Rows) -> list[Part]:
    width, height = SIZE
    return [
        Part(
            number,
            region.words,
            count,
            replace(wanted, region=number, start=0).address(),
            round(region.x * width),
            round(region.y * height),
        )
        for number, (region, count) in enumerate(
            zip(picture.regions, picture.counted(fits), strict=True), 1
        )
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 7 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
