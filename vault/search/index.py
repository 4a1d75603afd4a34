"""One opened collection, searchable in memory by words and by meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import islice
from threading import RLock
from time import sleep
from typing import TYPE_CHECKING, Self
from uuid import UUID

import numpy as np

from vault.search.dense import Vectors
from vault.search.documents import (
    EVERYTHING,
    Candidate,
    Document,
    Filter,
    QueryText,
    indexed_text,
)
from vault.search.lexical import Words
from vault.search.lookup import packed
from vault.search.maxsim import TokenVectors
from vault.search.shelf import Shelf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.search.embed import Embedding
    from vault.search.segments import Block

__all__ = [
    "EVERYTHING",
    "Candidate",
    "CollectionIndex",
    "Document",
    "Filter",
    "QueryText",
    "TokensOf",
    "indexed_text",
]

TokensOf = Callable[[Sequence[UUID]], "Mapping[UUID, Embedding]"]
BATCH = 2_000  # documents put in at one go; between batches a waiting search gets its turn


class CollectionIndex:
    """Documents of one collection. Thread-safe.

    `dim` is the embedder's; an embedding of another size raises ValueError. Token vectors that come
    with embeddings are kept while they are at most `keep_tokens`; others, ranking has to be given.
    Without `texts`, documents come back without their words, and the index of words keeps those of
    removed documents, passed over.
    """

    def __init__(self, dim: int, *, keep_tokens: int = 20_000, texts: bool = True) -> None:
        self.dim = dim
        self._lock = RLock()
        self._holds_texts = texts
        self._shelf = Shelf(texts=texts)
        self._words = Words()
        self._vectors = Vectors(dim)
        self._tokens = TokenVectors(keep_tokens)
        self._end: tuple[int, frozenset[UUID]] | None = None

    def up_to(self, seq: int, besides: frozenset[UUID]) -> Self:
        """The same for who sees only what had arrived at that change of the vault, and these: for
        one question, since it shares what it holds. Whatever it gives back is among that."""
        mine = copy(self)
        mine._end = (seq, besides)
        return mine

    def take(self, shelf: Shelf, words: Words) -> None:
        """What was kept of this collection, in place of what is here; nothing has vectors yet."""
        with self._lock:
            self._words.close()
            self._shelf, self._words = shelf, words
            self._vectors = Vectors(self.dim)

    @contextmanager
    def parts(self) -> Iterator[tuple[Shelf, Words]]:
        """What to keep, all but the vectors. Searches wait meanwhile."""
        with self._lock:
            yield self._shelf, self._words

    @property
    def tidy(self) -> bool:
        """Whether no word of a removed document is left in the index of words."""
        return self._holds_texts or len(self._shelf) == self._shelf.size

    def __len__(self) -> int:
        return len(self._shelf)

    def __contains__(self, id: UUID) -> bool:
        return self._seen(id) is not None

    @property
    def nbytes(self) -> int:
        """An estimate of the memory held, for a cache that has a limit."""
        parts = (self._shelf, self._words, self._vectors, self._tokens)
        return sum(part.nbytes for part in parts)

    def put(self, document: Document) -> None:
        """Adds it, or replaces the one with its id, whatever the revisions."""
        self.put_many((document,))

    def put_many(self, documents: Iterable[Document]) -> None:
        """As `put` for each in turn; searches come in between."""
        waiting = iter(documents)
        while batch := list(islice(waiting, BATCH)):
            for document in batch:
                self._check(document.embedding)
            latest = {document.id: document for document in batch}
            with self._lock:
                self._put(list(latest.values()))
            sleep(0)  # or this thread would have the lock again before the waiting one wakes up

    def attach(self, id: UUID, revision: int, embedding: Embedding) -> bool:
        """Gives a document its vectors. False when it is gone or at another revision by now."""
        self._check(embedding)
        with self._lock:
            key = self._shelf.key(id)
            if key is None or self._shelf[key].revision != revision:
                return False
            self._forget_vectors(key)
            self._embed([(key, embedding)])
            return True

    def attach_block(self, block: Block) -> None:
        """As `attach` for each that has no vectors yet; those of tokens are only counted."""
        if block.vectors.shape[1] != self.dim:
            raise ValueError("the embeddings are of another model than this index")
        with self._lock:
            keys = self._shelf.keys(block.ids, block.revisions)
            wanted = keys >= 0
            wanted[wanted] = ~self._vectors.has(self._shelf.size)[keys[wanted]]
            rows, told = np.repeat(wanted, block.passages), np.repeat(wanted, block.tokens)
            self._vectors.add(keys[wanted], block.passages[wanted], block.vectors[rows])
            new = keys[wanted]
            self._tokens.count(new, block.token_ids[told], block.tokens[wanted])

    def attach_tokens(self, rows: Sequence[tuple[UUID, int, Embedding]]) -> None:
        """The token vectors of documents at that revision that have their other vectors and none
        of tokens yet."""
        ids, revisions = packed([id for id, _, _ in rows]), [revision for _, revision, _ in rows]
        with self._lock:
            keys = self._shelf.keys(ids, np.array(revisions, np.int64))
            wanted = keys >= 0
            wanted[wanted] = self._vectors.has(self._shelf.size)[keys[wanted]]
            pairs = zip(keys[wanted].tolist(), np.flatnonzero(wanted).tolist(), strict=True)
            self._tokens.add([(k, rows[at][2]) for k, at in pairs if self._tokens.get(k) is None])

    def detach(self, id: UUID) -> None:
        """Takes a document's vectors away."""
        with self._lock:
            key = self._shelf.key(id)
            if key is not None:
                self._forget_vectors(key)

    def remove(self, id: UUID) -> bool:
        """False when there was no such document."""
        with self._lock:
            key = self._shelf.key(id)
            if key is not None:
                self._drop(key)
            return key is not None

    def get(self, id: UUID) -> Document | None:
        """The document, without its embedding."""
        with self._lock:
            key = self._seen(id)
            return None if key is None else self._shelf[key]

    def of_kinds(self, kinds: frozenset[str]) -> list[Document]:
        """Every document of these kinds, without its embedding, in no order."""
        with self._lock:
            allowed = self._allowed(Filter(kinds=kinds))
            keys = np.flatnonzero(self._shelf.live() if allowed is None else allowed).tolist()
            return self._shelf.documents(keys)

    def missing(self) -> list[UUID]:
        """The ids of documents without an embedding."""
        with self._lock:
            waiting = self._shelf.live() & ~self._vectors.has(self._shelf.size)
            return self._shelf.ids(np.flatnonzero(waiting))

    def bare(self, ids: Sequence[UUID]) -> list[UUID]:
        """Those of these documents that are here without an embedding."""
        with self._lock:
            keys = self._shelf.keys(packed(list(ids)))
            here = keys[keys >= 0]
            return self._shelf.ids(here[~self._vectors.has(self._shelf.size)[here]])

    def revision(self, id: UUID) -> int | None:
        """Of a document that is here."""
        with self._lock:
            key = self._shelf.key(id)
            return None if key is None else self._shelf[key].revision

    def neighbours(self, id: UUID, before: int = 1, after: int = 1) -> list[UUID]:
        """The ids around it in its conversation, in order, without its own."""
        with self._lock:
            return [one for one in self._shelf.neighbours(id, before, after) if one in self]

    def search(
        self, query: QueryText, *, limit: int, allow: Filter = EVERYTHING
    ) -> list[Candidate]:
        """Up to `limit` by words and as many by meaning, each scored both ways, in no order."""
        self._check(query.embedding)
        vector = None if query.embedding is None else query.embedding.passages[0].astype(np.float32)
        with self._lock:
            allowed = self._allowed(allow)
            words = self._words.find(query.text, limit, allowed, prefix=query.prefix)
            near = [] if vector is None else self._vectors.find(vector, limit, allowed)
            keys = list(dict.fromkeys((*words, *near)))
            cosines = self._vectors.cosines(vector, keys)
            documents = self._shelf.documents(keys)
        return [
            Candidate(document, words.get(key, 0.0), cosine)
            for key, document, cosine in zip(keys, documents, cosines, strict=True)
        ]

    def vector(self, id: UUID) -> NDArray[np.float32] | None:
        """The vector of a document's first passage, for comparing documents."""
        with self._lock:
            key = self._seen(id)
            return None if key is None else self._vectors.first(key)

    def embedded(self) -> tuple[list[Document], NDArray[np.float32]]:
        """Every document that has a vector, and of each the vector of its first passage."""
        with self._lock:
            there, allowed = self._vectors.has(self._shelf.size), self._allowed(EVERYTHING)
            keys = np.flatnonzero(there if allowed is None else there & allowed)
            return self._shelf.documents(keys.tolist()), self._vectors.firsts(keys)

    def tokens(self, ids: Iterable[UUID]) -> dict[UUID, NDArray[np.int8]]:
        """The token vectors held here of those of these documents that have any."""
        with self._lock:
            found = ((id, self._tokens.get(self._shelf.key(id))) for id in ids)
            return {id: tokens for id, tokens in found if tokens is not None}

    def token_counts(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
        """In how many documents each token occurs, and how many documents were counted."""
        with self._lock:
            return self._tokens.counts(ids), self._tokens.texts

    def close(self) -> None:
        """Lets go of everything held; of no use afterwards."""
        with self._lock:
            self._words.close()
            self._shelf, self._vectors, self._tokens = Shelf(), Vectors(self.dim), TokenVectors(0)

    def _allowed(self, allow: Filter) -> NDArray[np.bool_] | None:
        allowed = self._shelf.allowed(allow)
        if self._end is not None:
            there = self._shelf.up_to(*self._end)
            live = self._shelf.live() if allowed is None else allowed
            return there if live is None else there & live
        return self._shelf.live() if allowed is None and not self.tidy else allowed

    def _seen(self, id: UUID) -> int | None:
        key = self._shelf.key(id)
        if key is None or self._end is None:
            return key
        seq, besides = self._end
        return key if self._shelf.arrived(key) <= seq or id in besides else None

    def _check(self, embedding: Embedding | None) -> None:
        if embedding is not None and embedding.dim != self.dim:
            raise ValueError("the embedding is of another model than this index")

    def _put(self, documents: list[Document]) -> None:
        held = self._shelf.keys(packed([document.id for document in documents]))
        for key in held[held >= 0].tolist():
            self._drop(key)
        keys = self._shelf.add(documents)
        rows = list(zip(keys, documents, strict=True))
        self._words.add([(key, indexed_text(document)) for key, document in rows])
        self._embed([(key, doc.embedding) for key, doc in rows if doc.embedding is not None])

    def _embed(self, rows: list[tuple[int, Embedding]]) -> None:
        if rows:
            vectors = [embedding.passages for _, embedding in rows]
            counts = np.array([len(passages) for passages in vectors])
            self._vectors.add(np.array([key for key, _ in rows]), counts, np.concatenate(vectors))
            self._tokens.add(rows)

    def _forget_vectors(self, key: int) -> None:
        self._vectors.remove(key)
        self._tokens.remove(key)

    def _drop(self, key: int) -> None:
        if self._holds_texts:
            self._words.remove(key, indexed_text(self._shelf[key]))
        self._forget_vectors(key)
        self._shelf.remove(key)
