"""Indexed search: a collection whose vectors lie in PostgreSQL, turned, instead of in memory.

In memory are its words and what filters need, some 250 bytes a memory; the texts of what may be an
answer are read and opened for each question. Of vectors only the newest are here, which were not
turned yet. It answers as a `CollectionIndex` does, within the scope it is used in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from vault.keys.keyring import Keyring
from vault.models import Memory
from vault.records import open_words
from vault.search.documents import EVERYTHING, Candidate, Document, Filter, QueryText
from vault.search.index import CollectionIndex
from vault.search.turned import EXACT_MOST, Rows, Turned, indexes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

NARROW = 2_000
"""Where a filter lets so few through, exactly these are compared."""
WORDED = 1_000
"""Texts that are read for one question. Whoever asks for more gets documents without text."""


class IndexedCollection(CollectionIndex):
    """See `CollectionIndex`. What is shared is kept under one lock; `seen_by` is for one asker."""

    _reader: Reader

    def __init__(self, dim: int) -> None:
        super().__init__(dim, keep_tokens=0, texts=False)

    def seen_by(self, keyring: Keyring, collection: UUID, model: str) -> IndexedCollection:
        """The same, for the asker who holds these keys, for one question."""
        mine = copy(self)
        mine._reader = Reader(keyring, collection, Turned(keyring, collection, model, self.dim))
        return mine

    def search(
        self, query: QueryText, *, limit: int, allow: Filter = EVERYTHING
    ) -> list[Candidate]:
        self._check(query.embedding)
        vector = None if query.embedding is None else query.embedding.passages[0].astype(np.float32)
        with self._lock:
            allowed = self._allowed(allow)
            words = self._words.find(query.text, limit, allowed, prefix=query.prefix)
            near = [] if vector is None else self._vectors.find(vector, limit, allowed)
        if vector is not None:
            near += self._turned_near(vector, limit, allowed)
        keys = list(dict.fromkeys((*words, *near)))
        cosines = self._both_cosines(vector, keys)
        with self._lock:
            keys = [key for key in keys if self._shelf.is_live(key)]
            documents = self._shelf.documents(keys)
        places = {document.id: key for document, key in zip(documents, keys, strict=True)}
        return [
            Candidate(document, words.get(key := places[document.id], 0.0), cosines.get(key))
            for document in self._reader.worded(documents)
        ]

    def get(self, id: UUID) -> Document | None:
        document = super().get(id)
        return None if document is None else next(iter(self._reader.worded([document])), None)

    def of_kinds(self, kinds: frozenset[str]) -> list[Document]:
        return self._reader.worded(super().of_kinds(kinds))

    def vector(self, id: UUID) -> Vector | None:
        here = super().vector(id)
        return self._reader.vector(id) if here is None and id in self else here

    def embedded(self) -> tuple[list[Document], Vector]:
        documents, vectors = super().embedded()
        with self._lock:
            bare = self._shelf.live() & ~self._vectors.has(self._shelf.size)
            others = self._shelf.documents(np.flatnonzero(bare).tolist())
        found = [vectors]
        for start in range(0, len(others), NARROW):
            those = others[start : start + NARROW]
            rows = self._reader.firsts({one.id: one.revision for one in those})
            documents += [one for one in those if one.id in rows]
            found += [rows[one.id][None] for one in those if one.id in rows]
        return documents, np.concatenate(found)

    def worded(self, documents: Sequence[Document]) -> list[Document]:
        """These documents of here with their texts, as far as they are still what they were."""
        portions = range(0, len(documents), WORDED)
        read = self._reader.worded
        return [one for at in portions for one in read(documents[at : at + WORDED])]

    def _turned_near(
        self, vector: Vector, limit: int, allowed: NDArray[np.bool_] | None
    ) -> list[int]:
        """The keys of the documents nearest to it among those whose vectors are turned."""
        passing = len(self) if allowed is None else int(allowed.sum())
        if not passing or limit < 1:
            return []
        only: list[UUID] = []
        if allowed is not None and passing <= NARROW:
            with self._lock:
                only = self._shelf.ids(np.flatnonzero(allowed))
        wanted = limit if only else int(limit * len(self) / passing * 1.2) + 1
        while True:
            found = self._reader.nearest(vector, wanted, only, large=len(self) > EXACT_MOST)
            keys = self._here(found, allowed)
            if len(keys) >= limit or max(map(len, found), default=0) < wanted:
                return keys[:limit]
            wanted *= 4  # some were revised or forgotten since, or have many passages

    def _here(self, found: Sequence[Rows], allowed: NDArray[np.bool_] | None) -> list[int]:
        """The keys of rows whose memories are still at that revision, and may be found."""
        with self._lock:
            several = [self._shelf.keys(rows.ids, rows.revisions) for rows in found]
        keys = np.concatenate([np.empty(0, np.int64), *several])
        keys = keys[keys >= 0]
        if allowed is not None:
            keys = keys[keys < len(allowed)]
            keys = keys[allowed[keys]]
        return list(dict.fromkeys(keys.tolist()))

    def _both_cosines(self, vector: Vector | None, keys: list[int]) -> dict[int, float]:
        """The best cosine of each, exactly, of vectors here or turned; nothing for one without."""
        if vector is None or not keys:
            return {}
        with self._lock:
            here = dict(zip(keys, self._vectors.cosines(vector, keys), strict=True))
            others = [key for key in keys if here[key] is None]
            ids = self._shelf.ids(np.array(others, np.int64))
        best: dict[int, float] = {key: one for key, one in here.items() if one is not None}
        for rows, cosines in self._reader.compared(vector, ids):
            with self._lock:
                found = self._shelf.keys(rows.ids, rows.revisions)
            for key, cosine in zip(found.tolist(), cosines.tolist(), strict=True):
                if key >= 0:
                    best[key] = max(best.get(key, -1.0), cosine)
        return best

    def token_counts(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
        """Unknown: then the vocabulary's own order tells which tokens are rare."""
        return np.zeros(len(ids), np.int32), 0


class Reader:
    """What one asker reads of the collection in the database while a question is answered."""

    def __init__(self, keyring: Keyring, collection: UUID, turned: Turned) -> None:
        self._keyring, self._collection, self._turned = keyring, collection, turned
        self._texts: dict[UUID, tuple[int, str]] = {}  # of which revision
        self._first: dict[UUID, tuple[int, NDArray[np.float16]]] = {}  # turned by which epoch
        self._back: dict[UUID, Vector] = {}
        self._indexed: bool | None = None

    def worded(self, documents: Sequence[Document]) -> list[Document]:
        """Those that are still what they were, with their texts; without, when they are many."""
        if len(documents) > WORDED:
            return list(documents)
        unread = [d.id for d in documents if d.id not in self._texts]
        for id, revision, text in self._read(unread):
            self._texts[id] = (revision, text)
        return [
            replace(document, text=text)
            for document in documents
            for revision, text in (self._texts.get(document.id, (0, "")),)
            if revision == document.revision
        ]

    def nearest(
        self, vector: Vector, limit: int, only: Sequence[UUID], *, large: bool
    ) -> list[Rows]:
        if large and self._indexed is None:
            self._indexed = bool(indexes(self._collection))
        return self._turned.nearest(vector, limit, large=large and bool(self._indexed), ids=only)

    def compared(self, vector: Vector, ids: Sequence[UUID]) -> Iterable[tuple[Rows, Vector]]:
        """All vectors of these memories, with their cosines."""
        for rows in self._turned.of(ids) if ids else ():
            self._remember(rows)
            yield rows, self._turned.cosines(vector, rows)

    def vector(self, id: UUID) -> Vector | None:
        if id not in self._first:
            for rows in self._turned.of([id]):
                self._remember(rows)
        if id not in self._first:
            return None
        if id not in self._back:
            self._turn_back()
        return self._back[id]

    def firsts(self, wanted: Mapping[UUID, int]) -> dict[UUID, Vector]:
        """The vectors of the first passages of those of these memories that are at that revision
        still."""
        found: dict[UUID, Vector] = {}
        for rows in self._turned.of(list(wanted)):
            ids = [UUID(bytes=id.tobytes()) for id in rows.ids]
            first: dict[UUID, int] = {}
            for at, id in enumerate(ids):
                if wanted[id] == rows.revisions[at]:
                    first.setdefault(id, at)
            back = self._turned.back(rows.epoch, rows.turned[list(first.values())]) if first else ()
            found |= zip(first, back, strict=True)
        return found

    def _turn_back(self) -> None:
        """All that were read so far: one by one they take ten times as long."""
        groups: defaultdict[int, list[UUID]] = defaultdict(list)
        for id in self._first.keys() - self._back.keys():
            groups[self._first[id][0]].append(id)
        for epoch, ids in groups.items():
            turned = np.stack([self._first[id][1] for id in ids])
            self._back |= zip(ids, self._turned.back(epoch, turned), strict=True)

    def _remember(self, rows: Rows) -> None:
        for place, id in enumerate(rows.ids):
            self._first.setdefault(UUID(bytes=id.tobytes()), (rows.epoch, rows.turned[place]))

    def _read(self, ids: Sequence[UUID]) -> Iterable[tuple[UUID, int, str]]:
        if not ids:
            return
        place = {"vault_id": self._keyring.vault_id, "collection_id": self._collection}
        rows = Memory.objects.filter(**place, id__in=list(ids), forgotten_at=None)
        columns: Any = rows.exclude(sealed=b"").values_list("id", "epoch", "revision", "sealed")
        for id, epoch, revision, sealed in columns:
            words = open_words(self._keyring, self._collection, epoch, id, revision, sealed)
            yield id, revision, words.text
