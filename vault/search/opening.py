"""Opening a collection: from its records into an index, verified, and what changed since."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import islice
from typing import Any, LiteralString
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from vault.access import Access
from vault.ids import by_model
from vault.integrity import manifests
from vault.keys.epochs import names_key
from vault.keys.keyring import Key, Keyring
from vault.models import Memory, Segment, Vector
from vault.records import open_words
from vault.search import kept
from vault.search.binary import each
from vault.search.documents import Document
from vault.search.embed import Embedding
from vault.search.index import CollectionIndex
from vault.search.indexed import IndexedCollection
from vault.search.maxsim import only_tokens
from vault.search.segments import Block, parse
from vault.search.whole import whole
from vault.visible import late_ones

_FIELDS = (*manifests.PLAIN, "collection_id", "forgotten_at", "entry")
_PLAIN = len(manifests.PLAIN)
_RETRY_MISSING = 2.0  # seconds between two looks for embeddings that were not there yet
_FEW = 64  # missing embeddings that are asked for by name
_BY_NAME = 1_000  # rows that are asked for by their ids at a time
_SEGMENTS = (
    "SELECT id, epoch, sealed FROM vault_segment WHERE vault_id = %s AND id = ANY(%s) ORDER BY id"
)
_TOKENS_BY_ID = (
    "SELECT collection_id, memory_id, revision, model, epoch, tokens FROM vault_vector"
    " WHERE vault_id = %s AND id = ANY(%s) AND tokens IS NOT NULL"
)
_TOKENS = 2_200  # bytes that the token vectors of one memory take, usually
_UNCONFIRMED = 0.6  # the trust of what vendors and apps brought


class Opened:
    """One collection in memory, as of the vault's change number `seq`."""

    def __init__(self, dim: int, model: str, *, indexed: bool = False) -> None:
        self.index: CollectionIndex = (
            IndexedCollection(dim)
            if indexed
            else CollectionIndex(dim, keep_tokens=settings.SATCHEL_SEARCH_TOKENS)
        )
        self.model = model
        self.indexed = indexed
        self.names: Key | None = None
        self.seq = -1
        self.lock = threading.RLock()
        self.used = time.monotonic()
        self.looked = 0.0
        self.segments: set[UUID] = set()
        self.tail: set[UUID] = set()
        self.tokens: OrderedDict[UUID, tuple[int, Embedding]] = OrderedDict()
        self._index_bytes = 0

    @property
    def nbytes(self) -> int:
        """What it takes of the memory that all opened collections may have, as last measured."""
        return self._index_bytes + _TOKENS * len(self.tokens)

    def measure(self) -> None:
        """Note the size of the index. It only grows as it is opened or catches up, and each search
        adds up the sizes of all that are open."""
        self._index_bytes = self.index.nbytes

    def keep_tokens(self, id: UUID, revision: int, embedding: Embedding) -> None:
        """For the next question; of many, the latest. Holding the lock."""
        self.tokens[id] = (revision, only_tokens(embedding))
        while len(self.tokens) > settings.SATCHEL_SEARCH_TOKENS:
            self.tokens.popitem(last=False)

    def seen_by(self, access: Access, collection: UUID) -> "Opened":
        """The same, no further than this asker sees; of an indexed collection with the asker's own
        keys to read with. Within a scope."""
        index, upto = self.index, access.upto.get(collection)
        if isinstance(index, IndexedCollection):
            index = index.seen_by(access.keyring, collection, self.model)
        if upto is not None:
            index = index.up_to(upto, late_ones(access, collection))
        if index is self.index:
            return self
        mine = copy(self)
        mine.index = index
        return mine


def catch_up(access: Access, collection: UUID, opened: Opened, seq: int) -> None:
    """Within a scope, holding its lock: with every change up to `seq`. Tampered when what is there
    is not what must be there."""
    if opened.names is None or access.keyring.names(collection) is not None:
        opened.names = names_key(access, collection)  # its owner may have had to renew it
    access.keyring.take_names(collection, opened.names)
    if opened.seq < 0:
        _load(access, collection, opened)
    elif opened.seq < seq:
        _apply_changes(access, collection, opened)
    opened.seq = max(opened.seq, seq)
    if opened.indexed:
        _attach_tail(access.keyring, collection, opened)
    else:
        _attach_missing(access.keyring, collection, opened)


def _load(access: Access, collection: UUID, opened: Opened) -> None:
    if not _load_kept(access, collection, opened):
        _load_all(access, collection, opened)
    if not opened.indexed:
        _attach_all(access.keyring, collection, opened)


def _load_all(access: Access, collection: UUID, opened: Opened) -> None:
    """Every row, compared with what must be there."""
    check = manifests.Check(access, collection)
    rows = Memory.objects.filter(
        vault_id=access.vault_id, collection_id=collection, forgotten_at=None
    ).exclude(sealed=b"")

    def documents() -> Iterator[Document]:
        for *row, head in rows.values_list(*_FIELDS, check.head()).iterator(chunk_size=2000):
            check.add(tuple(row[:_PLAIN]), head)
            yield _document(access.keyring, row)

    opened.index.put_many(documents())
    check.finish()


def _load_kept(access: Access, collection: UUID, opened: Opened) -> bool:
    """From the kept shelf, with what changed since; the same proof as from every row. False when
    there is none, or too much has changed."""
    found = kept.read(access, collection, texts=not opened.indexed)
    if found is None:
        return False
    altered, gone = kept.changes(found, kept.present(access, collection))
    if len(altered) + len(gone) > len(found.shelf) // 2:
        return False
    opened.index.take(found.shelf, found.words)
    for id in (*gone, *altered):
        opened.index.remove(id)
    key = manifests.key_of(access, collection)
    for start in range(0, len(altered), _BY_NAME):
        named = altered[start : start + _BY_NAME]
        rows = Memory.objects.filter(vault_id=access.vault_id, id__in=named)
        _apply(access.keyring, collection, opened, key, rows.values_list(*_FIELDS))
    return True


def _apply_changes(access: Access, collection: UUID, opened: Opened) -> None:
    changed = Memory.objects.filter(vault_id=access.vault_id, seq__gt=opened.seq)
    key = manifests.key_of(access, collection)
    for id in changed.exclude(collection_id=collection).values_list("id", flat=True):
        opened.tokens.pop(id, None)
        opened.index.remove(id)
    rows = changed.filter(collection_id=collection).values_list(*_FIELDS)
    _apply(access.keyring, collection, opened, key, rows.iterator(chunk_size=2000))


def _apply(
    keyring: Keyring, collection: UUID, opened: Opened, key: Key, rows: Iterable[Sequence[Any]]
) -> None:
    """Many at a time: one by one they take three times as long."""

    def documents() -> Iterator[Document]:
        for row in rows:
            id, sealed = row[0], row[_PLAIN - 1]
            home, forgotten_at, entry = row[_PLAIN:]
            opened.tokens.pop(id, None)
            if home == collection and forgotten_at is None and sealed:
                manifests.must_match(key, tuple(row[:_PLAIN]), entry)
                yield _document(keyring, row)
            else:
                opened.index.remove(id)

    opened.index.put_many(documents())


def _attach_all(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    """Every vector that there is. Small collections get those of their tokens as well; of large
    ones these are read for the best candidates only."""
    rows = _vectors(keyring, collection, opened.model)
    small = rows.count() <= settings.SATCHEL_SEARCH_TOKENS
    for block in _blocks(keyring, collection, opened):
        opened.index.attach_block(block)
    tail = rows.exclude(passages=None)
    for id, revision, embedding in _singles(
        keyring, collection, opened.model, tail, with_tokens=small
    ):
        opened.index.attach(id, revision, embedding)
    if small:
        ids = list(rows.filter(passages=None).exclude(tokens=None).values_list("id", flat=True))
        told = read_tokens(keyring, _TOKENS_BY_ID, [keyring.vault_id], ids)
        while portion := list(islice(told, _BY_NAME)):
            opened.index.attach_tokens([(id, revision, one) for id, revision, _, one in portion])


def _attach_missing(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    """Embeddings are made after their memories: look for those that have come since."""
    missing = opened.index.missing()
    few = len(missing) <= _FEW
    if not missing or (not few and time.monotonic() - opened.looked < _RETRY_MISSING):
        return
    opened.looked = time.monotonic()
    rows = _vectors(keyring, collection, opened.model)
    if not few:  # of most there may be none yet; what is here already is not opened again
        rows = rows.filter(passages__isnull=False)
        there = rows.values_list("memory_id", flat=True).iterator(chunk_size=2000)
        missing = list(set(missing).intersection(there))
    for start in range(0, len(missing), _BY_NAME):
        those = rows.filter(memory_id__in=missing[start : start + _BY_NAME])
        for found in _singles(keyring, collection, opened.model, those):
            opened.index.attach(*found)
    if opened.index.missing():  # they may have been folded meanwhile
        for block in _blocks(keyring, collection, opened):
            opened.index.attach_block(block)


def _attach_tail(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    """Of an indexed collection: the vectors that were not turned yet, and no others."""
    rows = _vectors(keyring, collection, opened.model).filter(passages__isnull=False)
    now = dict(rows.values_list("memory_id", "revision"))
    for id in opened.tail - now.keys():
        opened.index.detach(id)
    new = opened.index.bare(list(now))  # not all that are missing: of most it has no vector
    for start in range(0, len(new), _BY_NAME):
        those = rows.filter(memory_id__in=new[start : start + _BY_NAME])
        for found in _singles(keyring, collection, opened.model, those, with_tokens=False):
            opened.index.attach(*found)
    opened.tail = set(now)


def _blocks(keyring: Keyring, collection: UUID, opened: Opened) -> Iterator[Block]:
    """What the segments hold that were not read yet."""
    segments = Segment.objects.filter(
        vault_id=keyring.vault_id, collection_id=collection, model=opened.model
    ).exclude(id__in=opened.segments)
    ids = list(segments.order_by("id").values_list("id", flat=True))
    for id, epoch, sealed in each(_SEGMENTS, [keyring.vault_id], ids, 8):
        place = (collection, epoch, "segment", by_model(id, opened.model), 0)
        opened.segments.add(id)
        if (data := whole(keyring, place, sealed)) is not None:
            yield parse(data)


def _vectors(keyring: Keyring, collection: UUID, model: str) -> QuerySet[Vector]:
    return Vector.objects.filter(vault_id=keyring.vault_id, collection_id=collection, model=model)


def _singles(
    keyring: Keyring,
    collection: UUID,
    model: str,
    rows: QuerySet[Vector],
    *,
    with_tokens: bool = True,
) -> Iterator[tuple[UUID, int, Embedding]]:
    """What single rows hold: with its tokens where it has any, else its passages."""
    fields = ("memory_id", "revision", "epoch", "passages", *(("tokens",) if with_tokens else ()))
    for id, revision, epoch, passages, *tokens in rows.values_list(*fields).iterator(2000):
        field, sealed = ("tokens", tokens[0]) if tokens and tokens[0] else ("passages", passages)
        if sealed is not None:
            place = (collection, epoch, field, by_model(id, model), revision)
            if (data := whole(keyring, place, sealed)) is not None:
                yield id, revision, Embedding.from_bytes(data)


def read_tokens(
    keyring: Keyring, statement: LiteralString, place: Sequence[object], keys: Sequence[Any]
) -> Iterator[tuple[UUID, int, str, Embedding]]:
    """(memory, revision, model, embedding) of rows with token vectors, opened."""
    for collection, id, revision, model, epoch, sealed in each(statement, place, keys, 500):
        place = (collection, epoch, "tokens", by_model(id, model), revision)
        if (data := whole(keyring, place, sealed)) is not None:
            yield id, revision, model, Embedding.from_bytes(data)


def _document(keyring: Keyring, row: Sequence[Any]) -> Document:
    id, revision, epoch, kind, pinned, trusted, held, _ = row[:8]
    at, start, end, thread, position, arrived, sealed, collection, _, _ = row[8:]
    content = open_words(keyring, collection, epoch, id, revision, sealed)
    return Document(
        id=id,
        text=content.text,
        kind=kind,
        role=content.role,
        speaker=content.speaker,
        occurred_at=at,
        conversation=thread.hex if thread else "",
        position=position,
        pinned=pinned,
        trust=1.0 if trusted else _UNCONFIRMED,
        revision=revision,
        held=bool(held),
        valid_from=start,
        valid_until=end,
        arrived=arrived,
    )
