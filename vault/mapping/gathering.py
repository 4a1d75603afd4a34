"""What a map is drawn from: the opened vectors of whoever looks, in memory as search has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from vault.access import Access
from vault.embedding import embedders
from vault.embedding.embedders import Space
from vault.errors import KeyChanged, Tampered
from vault.mapping.layout import shuffled
from vault.models import Source
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.documents import Document
from vault.search.indexed import IndexedCollection
from vault.search.lookup import packed
from vault.search.sealed import Opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

READ = 4_000
"""Texts that are read for the words of the regions."""
TALK = "episode"


@dataclass(frozen=True, slots=True)
class Shelves:
    """The collections that stand open, of the model that most memories have.

    `elsewhere` counts memories of other models, `unread` those without a vector yet; `closed` are
    collections that do not open.
    """

    space: Space
    opened: tuple[tuple[UUID, Opened], ...]
    elsewhere: int
    closed: tuple[UUID, ...]
    unread: int


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Memories as columns, in no order: ids (n, 16), revisions, vectors (n, dim), which are turns
    of conversations, the collection and source of each by their number; some texts by row."""

    ids: NDArray[np.uint8]
    revisions: NDArray[np.int64]
    vectors: NDArray[np.float32]
    talks: NDArray[np.bool_]
    homes: NDArray[np.int64]
    sources: NDArray[np.int64]
    collections: tuple[UUID, ...]
    vendors: tuple[str, ...]
    texts: dict[int, str]


def open_shelves(access: Access) -> Shelves:
    """Every visible collection opened, as far as it opens."""
    closed: list[UUID] = []
    spaces = _spaces(access, sorted(access.visible), closed)
    groups: defaultdict[Space, list[UUID]] = defaultdict(list)
    for collection, space in spaces.items():
        groups[space].append(collection)
    opened = {space: _open(access, space, those, closed) for space, those in groups.items()}
    counts = {space: sum(len(one.index) for _, one in found) for space, found in opened.items()}
    if not counts:
        return Shelves(Space("", 1, 0.0), (), 0, tuple(closed), 0)
    most = max(counts, key=lambda space: (counts[space], space.model))
    found = tuple(opened[most])
    unread = sum(len(one.index.missing()) for _, one in found if not one.indexed)
    return Shelves(most, found, sum(counts.values()) - counts[most], tuple(closed), unread)


def gather(access: Access, shelves: Shelves, talks: bool) -> Gathered:
    """What lies on them; turns of conversations only with `talks`."""
    documents: list[Document] = []
    vectors: list[NDArray[np.float32]] = [np.empty((0, shelves.space.dim), np.float32)]
    homes: list[int] = []
    with vault_scope(access.vault_id):
        for number, (_, opened) in enumerate(shelves.opened):
            found, rows = opened.index.embedded()
            kept = [at for at, one in enumerate(found) if talks or one.kind != TALK]
            documents += [found[at] for at in kept]
            vectors.append(rows[kept])
            homes += [number] * len(kept)
        ids = packed([one.id for one in documents])
        texts = _texts(shelves, documents, homes, np.argsort(shuffled(ids), kind="stable")[:READ])
        seen = _first_sources(access)
    vendors = sorted({seen.get(one.id, "you") for one in documents})
    codes = {vendor: code for code, vendor in enumerate(vendors)}
    return Gathered(
        ids,
        np.array([one.revision for one in documents], np.int64),
        np.concatenate(vectors),
        np.array([one.kind == TALK for one in documents], np.bool_),
        np.array(homes, np.int64),
        np.array([codes[seen.get(one.id, "you")] for one in documents], np.int64),
        tuple(collection for collection, _ in shelves.opened),
        tuple(vendors),
        texts,
    )


def _spaces(access: Access, wanted: list[UUID], closed: list[UUID]) -> dict[UUID, Space]:
    try:
        return embedders.spaces(access, wanted)
    except (Tampered, KeyChanged):
        if len(wanted) == 1:
            closed.append(wanted[0])
            return {}
    return {c: space for one in wanted for c, space in _spaces(access, [one], closed).items()}


def _open(
    access: Access, space: Space, wanted: list[UUID], closed: list[UUID]
) -> list[tuple[UUID, Opened]]:
    try:
        found = sealed.open_collections(access, wanted, model=space.model, dim=space.dim)
    except (Tampered, KeyChanged):
        if len(wanted) == 1:
            closed.append(wanted[0])
            return []
    else:
        return list(zip(sorted(wanted), found, strict=True))
    return [pair for one in wanted for pair in _open(access, space, [one], closed)]


def _texts(
    shelves: Shelves, documents: list[Document], homes: list[int], rows: Iterable[int]
) -> dict[int, str]:
    places = {documents[row].id: int(row) for row in rows}
    those: defaultdict[int, list[Document]] = defaultdict(list)
    for row in places.values():
        those[homes[row]].append(documents[row])
    for number, some in those.items():
        if isinstance(index := shelves.opened[number][1].index, IndexedCollection):
            those[number] = index.worded(some)
    return {places[one.id]: one.text for some in those.values() for one in some}


def _first_sources(access: Access) -> dict[UUID, str]:
    """Where each memory was seen first."""
    rows = Source.objects.filter(vault_id=access.vault_id)
    first = rows.order_by("memory_id", "seen_at", "id").distinct("memory_id")
    return dict(first.values_list("memory_id", "vendor"))
