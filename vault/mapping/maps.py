"""The map of a vault for whoever holds its keys: drawn when it is looked at, and kept in memory.

Places tell what memories mean, so they are nowhere else: not in the database, not in addresses. A
drawn map is found only with the keys it was drawn with, and goes when one of the collections that
it was drawn from is closed: when the vault is locked, was idle, or memory runs short. It is then
drawn again, the same.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import numpy as np

from vault.access import Access
from vault.embedding.embedders import Space
from vault.mapping.frames import frame_of
from vault.mapping.gathering import Gathered, Shelves, gather, open_shelves
from vault.mapping.layout import LANDMARKS, Layout, lay_out
from vault.mapping.picture import Picture

if TYPE_CHECKING:
    from vault.mapping.layout import Places, Tell
    from vault.search.sealed import Opened

__all__ = ["FEWEST", "Map", "look"]

logger = logging.getLogger(__name__)

FEWEST = 5
"""Memories that a map needs."""
_AT_ONCE = 4_000 * 4_000  # comparisons that a request makes itself; more are made beside it
_MOST_CHANGED = 0.1  # of a large map, until it is drawn anew
_KEPT = 16  # maps in memory
_DRAWN_AT_ONCE = 2  # of all vaults, beside the requests: the others wait

State = Literal["drawn", "drawing", "few", "failed"]
Place = tuple[UUID, frozenset[tuple[UUID, bytes]], str, bool]


@dataclass(frozen=True, slots=True)
class Map:
    """`picture` is there when it is drawn. While it is drawing, `share` of it is done (0..1); few
    are less than `FEWEST` memories, `count` of them; after it failed the next look begins again."""

    state: State
    shelves: Shelves
    picture: Picture | None = None
    count: int = 0
    share: float = 1.0


@dataclass(slots=True, eq=False)
class _Kept:
    stamp: object
    picture: Picture
    layout: Layout
    places: Places
    revisions: dict[bytes, int]
    alive: list[weakref.ref[Any]]


@dataclass(slots=True, eq=False)
class _Job:
    share: float = 0.0
    failed: bool = False
    over: threading.Event = field(default_factory=threading.Event)


class _Closed(Exception):
    """A collection that is being drawn was closed."""


_kept: OrderedDict[Place, _Kept] = OrderedDict()
_jobs: dict[Place, _Job] = {}
_lock = threading.Lock()
_turns = threading.BoundedSemaphore(_DRAWN_AT_ONCE)


def look(access: Access, *, talks: bool = False) -> Map:
    """The map of what the asker sees, as it is now; turns of conversations only with `talks`.

    Of a large vault it may not be ready: ask again.
    """
    shelves = open_shelves(access)
    place = _place(access, shelves, talks)
    stamp = tuple((one.seq, len(one.index), _bare(one)) for _, one in shelves.opened)
    with _lock:
        kept, job = _kept.get(place), _jobs.get(place)
        if kept is not None and kept.stamp == stamp:
            _kept.move_to_end(place)
            return Map("drawn", shelves, kept.picture, len(kept.picture))
        if job is not None and not job.over.is_set():
            return Map("drawing", shelves, share=job.share)
        _jobs.pop(place, None)
    if job is not None and job.failed:
        return Map("failed", shelves)
    gathered = gather(access, shelves, talks)
    if len(gathered.ids) < FEWEST:
        return Map("few", shelves, count=len(gathered.ids))
    return _drawn(place, stamp, shelves, gathered, kept)


def _drawn(
    place: Place, stamp: object, shelves: Shelves, gathered: Gathered, kept: _Kept | None
) -> Map:
    count, alive = len(gathered.ids), [one.lock for _, one in shelves.opened]
    if kept is not None and count > LANDMARKS // 2 and (made := _amended(kept, gathered)):
        picture = _keep(place, stamp, gathered, *made, alive).picture
        return Map("drawn", shelves, picture, count)
    if count * min(count, LANDMARKS) <= _AT_ONCE:
        made = _laid_out(shelves.space, gathered)
        picture = _keep(place, stamp, gathered, *made, alive).picture
        return Map("drawn", shelves, picture, count)
    with _lock:
        if place in _jobs:  # somebody else came first
            return Map("drawing", shelves, share=_jobs[place].share)
        job = _jobs[place] = _Job()
    args = (job, place, stamp, shelves.space, gathered, [weakref.ref(one) for one in alive])
    threading.Thread(target=_work, args=args, name="draw a map", daemon=True).start()
    return Map("drawing", shelves, share=0.0)


def _work(
    job: _Job,
    place: Place,
    stamp: object,
    space: Space,
    gathered: Gathered,
    opened: list[weakref.ref[Any]],
) -> None:
    """Beside the requests: numbers and some words, neither keys nor the database. It waits for
    its turn, and ends soon after one of the collections is closed."""

    def alive() -> list[Any]:
        locks = [one() for one in opened]
        if None in locks:
            raise _Closed
        return locks

    def tell(share: float) -> None:
        alive()
        job.share = share

    try:
        while not _turns.acquire(timeout=1):
            alive()
        try:
            made = _laid_out(space, gathered, tell)
        finally:
            _turns.release()
        _keep(place, stamp, gathered, *made, alive())
    except _Closed:
        pass  # who looks again begins again
    except Exception:  # whatever it is, who waits must be told
        logger.exception("A map could not be drawn.")
        job.failed = True
    finally:
        job.over.set()


def _laid_out(
    space: Space, gathered: Gathered, tell: Tell = lambda share: None
) -> tuple[Places, Layout]:
    """Memories are laid out as if there were no conversations, and these beside them: so switching
    them on moves nothing."""
    frame = frame_of(space.model, space.dim)
    first = ~gathered.talks if (~gathered.talks).sum() >= FEWEST else np.ones_like(gathered.talks)
    part = float(first.sum()) / len(first)
    places = np.empty((len(first), 2))
    places[first], layout = lay_out(
        gathered.ids[first], gathered.vectors[first], frame, lambda share: tell(share * part)
    )
    rest = gathered.vectors[~first]
    places[~first] = layout.beside(rest, lambda share: tell(part + share * (1 - part)))
    return places, layout


def _amended(kept: _Kept, gathered: Gathered) -> tuple[Places, Layout] | None:
    """A large map with few changes: what is new goes beside what is like it, all else stays."""
    places = np.empty((len(gathered.ids), 2))
    known = {id: row for row, id in enumerate(kept.revisions)}
    new = []
    for row, (id, revision) in enumerate(
        zip(gathered.ids, gathered.revisions.tolist(), strict=True)
    ):
        name = id.tobytes()
        if kept.revisions.get(name) == revision:
            places[row] = kept.places[known[name]]
        else:
            new.append(row)
    gone = len(kept.revisions) - (len(places) - len(new))
    if len(new) + gone > _MOST_CHANGED * len(places):
        return None
    places[new] = kept.layout.beside(gathered.vectors[new])
    return places, kept.layout


def _keep(
    place: Place,
    stamp: object,
    gathered: Gathered,
    places: Places,
    layout: Layout,
    locks: list[Any],
) -> _Kept:
    """`locks` are those of the collections: each is there for as long as its collection is."""
    names = (id.tobytes() for id in gathered.ids)
    revisions = dict(zip(names, gathered.revisions.tolist(), strict=True))
    gone = [weakref.ref(one, lambda _: _kept.pop(place, None)) for one in locks]
    kept = _Kept(stamp, Picture.of(gathered, places), layout, places, revisions, gone)
    with _lock:
        _kept[place] = kept
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return kept


def _place(access: Access, shelves: Shelves, talks: bool) -> Place:
    ring = access.keyring
    keys = {(c, ring.fingerprint(c, max(ring.epochs(c)))) for c, _ in shelves.opened}
    return access.vault_id, frozenset(keys), shelves.space.model, talks


def _bare(opened: Opened) -> int:
    """How many wait for their vectors: these come without a change of the memory."""
    return len(opened.tail) if opened.indexed else len(opened.index.missing())
