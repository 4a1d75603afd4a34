"""Sealed search: collections opened from their records into memory, and kept up to date.

What is opened is found again only by whoever holds the same key. The least used is closed when
memory runs short, and everything after it was idle for as long as a session may be.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from vault.access import IDLE_LIMIT, Access
from vault.keyring import Keyring
from vault.models import Memory, Segment, Vault, Vector
from vault.records import open_words
from vault.scope import vault_scope
from vault.search.documents import Document
from vault.search.embed import Embedding
from vault.search.index import CollectionIndex
from vault.search.segments import unpack

_FIELDS = (
    *("id", "collection_id", "kind", "epoch", "revision", "sealed", "occurred_at"),
    *("forgotten_at", "pinned", "trusted", "conversation", "position"),
)
_RETRY_MISSING = 2.0  # seconds between two looks for embeddings that were not there yet
_FEW = 64  # missing embeddings that are asked for by name
_UNCONFIRMED = 0.6  # the trust of what vendors and apps brought


class Opened:
    """One collection in memory, as of the vault's change number `seq`."""

    def __init__(self, dim: int, model: str) -> None:
        self.index = CollectionIndex(dim, keep_tokens=settings.SATCHEL_SEARCH_TOKENS)
        self.model = model
        self.seq = -1
        self.lock = threading.RLock()
        self.used = time.monotonic()
        self.looked = 0.0
        self.segments: set[UUID] = set()
        self.tokens: OrderedDict[UUID, tuple[int, Embedding | None]] = OrderedDict()


_cache: OrderedDict[tuple[UUID, UUID, bytes], Opened] = OrderedDict()
_cache_lock = threading.Lock()


def open_collections(
    access: Access, collections: Iterable[UUID], *, model: str, dim: int
) -> list[Opened]:
    """The collections in memory, with every change committed before this call."""
    with vault_scope(access.vault_id):
        seq = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
        found = [_opened(access, collection, model, dim) for collection in sorted(collections)]
        for collection, opened in zip(sorted(collections), found, strict=True):
            with opened.lock:
                _catch_up(access.keyring, collection, opened, seq)
    _close_idle()
    return found


def close(vault_id: UUID) -> None:
    """Forget whatever of this vault is open in this process."""
    with _cache_lock:
        for place in [place for place in _cache if place[0] == vault_id]:
            del _cache[place]


def tokens_of(
    access: Access, opened: Sequence[Opened], ids: Sequence[UUID]
) -> dict[UUID, Embedding]:
    """Token vectors of these memories: those at hand, the others read and opened now."""
    home = {id: one for one in opened for id in ids if id in one.index}
    wanted = [id for id, one in home.items() if not _known(one, id)]
    if wanted:
        with vault_scope(access.vault_id):
            rows = Vector.objects.filter(
                vault_id=access.vault_id, id__in=wanted, collection_id__in=access.visible
            )
            for row in rows.only("id", "collection_id", "revision", "epoch", "tokens"):
                _keep_tokens(access.keyring, home[row.id], row)
    return {id: kept[1] for id, one in home.items() if (kept := one.tokens.get(id)) and kept[1]}


def _opened(access: Access, collection: UUID, model: str, dim: int) -> Opened:
    epoch = max(access.keyring.epochs(collection))
    place = (access.vault_id, collection, access.keyring.fingerprint(collection, epoch))
    with _cache_lock:
        opened = _cache.get(place)
        if opened is None or opened.model != model:
            opened = _cache[place] = Opened(dim, model)
        _cache.move_to_end(place)
        opened.used = time.monotonic()
    _watch_idle()
    return opened


def _catch_up(keyring: Keyring, collection: UUID, opened: Opened, seq: int) -> None:
    if opened.seq < 0:
        _load(keyring, collection, opened)
    elif opened.seq < seq:
        _apply_changes(keyring, collection, opened)
    opened.seq = max(opened.seq, seq)
    _attach_missing(keyring, collection, opened)


def _load(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    rows = Memory.objects.filter(
        vault_id=keyring.vault_id, collection_id=collection, forgotten_at=None
    ).exclude(sealed=b"")
    embeddings = _embeddings(keyring, collection, opened)
    opened.index.put_many(
        _document(keyring, row, embeddings)
        for row in rows.values_list(*_FIELDS).iterator(chunk_size=2000)
    )


def _apply_changes(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    changed = Memory.objects.filter(vault_id=keyring.vault_id, seq__gt=opened.seq)
    for row in changed.values_list(*_FIELDS):
        memory_id, home, forgotten_at = row[0], row[1], row[7]
        opened.tokens.pop(memory_id, None)
        if home == collection and forgotten_at is None and row[5]:
            opened.index.put(_document(keyring, row, {}))
        else:
            opened.index.remove(memory_id)


def _attach_missing(keyring: Keyring, collection: UUID, opened: Opened) -> None:
    """Embeddings are made after their memories: look for those that have come since."""
    missing = opened.index.missing()
    few = len(missing) <= _FEW
    if not missing or (not few and time.monotonic() - opened.looked < _RETRY_MISSING):
        return
    opened.looked = time.monotonic()
    rows = _vectors(keyring, collection, opened.model)
    rows = rows.filter(id__in=missing) if few else rows.filter(passages__isnull=False)
    for id, revision, embedding in _singles(keyring, collection, rows):
        opened.index.attach(id, revision, embedding)
    wanted = set(opened.index.missing())
    if wanted:  # they may have been folded meanwhile
        for id, revision, embedding in _folded(keyring, collection, opened):
            if id in wanted:
                opened.index.attach(id, revision, embedding)


def _folded(
    keyring: Keyring, collection: UUID, opened: Opened
) -> Iterator[tuple[UUID, int, Embedding]]:
    """What the segments hold that were not read yet."""
    segments = Segment.objects.filter(
        vault_id=keyring.vault_id, collection_id=collection, model=opened.model
    ).exclude(id__in=opened.segments)
    for segment in segments.order_by("id").iterator(chunk_size=8):
        place = (collection, segment.epoch, "segment", segment.id, 0)
        yield from unpack(keyring.open(*place, segment.sealed))
        opened.segments.add(segment.id)


def _embeddings(
    keyring: Keyring, collection: UUID, opened: Opened
) -> dict[UUID, tuple[int, Embedding]]:
    """By memory: the revision that was embedded, and its vectors. Small collections get those of
    their tokens as well; of large ones these are read for the best candidates only."""
    rows = _vectors(keyring, collection, opened.model)
    small = rows.count() <= settings.SATCHEL_SEARCH_TOKENS
    found: dict[UUID, tuple[int, Embedding]] = {}
    for id, revision, embedding in _folded(keyring, collection, opened):
        found[id] = (revision, embedding)
    singles = rows.exclude(passages=None, tokens=None) if small else rows.exclude(passages=None)
    for id, revision, embedding in _singles(keyring, collection, singles, with_tokens=small):
        found[id] = (revision, embedding)
    return found


def _vectors(keyring: Keyring, collection: UUID, model: str) -> QuerySet[Vector]:
    return Vector.objects.filter(vault_id=keyring.vault_id, collection_id=collection, model=model)


def _singles(
    keyring: Keyring, collection: UUID, rows: QuerySet[Vector], *, with_tokens: bool = True
) -> Iterator[tuple[UUID, int, Embedding]]:
    """What single rows hold: with its tokens where it has any, else its passages."""
    fields = ("id", "revision", "epoch", "passages", *(("tokens",) if with_tokens else ()))
    for id, revision, epoch, passages, *tokens in rows.values_list(*fields).iterator(2000):
        field, sealed = ("tokens", tokens[0]) if tokens and tokens[0] else ("passages", passages)
        if sealed is not None:
            data = keyring.open(collection, epoch, field, id, revision, sealed)
            yield id, revision, Embedding.from_bytes(data)


def _document(
    keyring: Keyring, row: tuple[Any, ...], embeddings: Mapping[UUID, tuple[int, Embedding]]
) -> Document:
    id, collection, kind, epoch, revision, sealed, at, _, pinned, trusted, thread, position = row
    content = open_words(keyring, collection, epoch, id, revision, sealed)
    known, embedding = embeddings.get(id, (0, None))
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
        embedding=embedding if known == revision else None,
    )


def _known(opened: Opened, id: UUID) -> bool:
    document = opened.index.get(id)
    kept = opened.tokens.get(id)
    return kept is not None and document is not None and kept[0] == document.revision


def _keep_tokens(keyring: Keyring, opened: Opened, row: Vector) -> None:
    embedding = None
    if row.tokens is not None:
        place = (row.collection_id, row.epoch, "tokens", row.id, row.revision)
        embedding = Embedding.from_bytes(keyring.open(*place, row.tokens))
    with opened.lock:
        opened.tokens[row.id] = (row.revision, embedding)
        while len(opened.tokens) > settings.SATCHEL_SEARCH_TOKENS:
            opened.tokens.popitem(last=False)


@cache
def _watch_idle() -> None:
    """Close what is idle also when nobody searches any more: once a minute, in this process."""

    def watch() -> None:
        while True:
            time.sleep(60)
            _close_idle()

    threading.Thread(target=watch, name="close idle vaults", daemon=True).start()


def _close_idle() -> None:
    now, limit = time.monotonic(), IDLE_LIMIT.total_seconds()
    with _cache_lock:
        for place in [p for p, opened in _cache.items() if now - opened.used > limit]:
            del _cache[place]
        total = sum(opened.index.nbytes for opened in _cache.values())
        while total > settings.SATCHEL_SEARCH_MEMORY and len(_cache) > 1:
            _, closed = _cache.popitem(last=False)
            total -= closed.index.nbytes
