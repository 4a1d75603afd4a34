"""Collections opened into memory for whoever holds their keys, and kept up to date.

What is opened is found again only by whoever holds the same key. The least used is closed when
memory runs short, and everything after it was idle for as long as a session may be.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from uuid import UUID

from django.conf import settings

from vault.access import IDLE_LIMIT, Access
from vault.errors import Tampered
from vault.integrity import traits
from vault.models import Vault
from vault.scope import vault_scope
from vault.search import kept
from vault.search.embed import Embedding
from vault.search.opening import Opened, catch_up, read_tokens

__all__ = ["Opened", "close", "keep_shelf", "open_collections", "tokens_of"]

_TOKENS = (
    "SELECT collection_id, memory_id, revision, model, epoch, tokens FROM vault_vector"
    " WHERE vault_id = %s AND collection_id = ANY(%s) AND model = ANY(%s) AND memory_id = ANY(%s)"
    " AND tokens IS NOT NULL"
)

_cache: OrderedDict[tuple[UUID, UUID, bytes], Opened] = OrderedDict()
_cache_lock = threading.Lock()


def open_collections(
    access: Access, collections: Iterable[UUID], *, model: str, dim: int
) -> list[Opened]:
    """The collections in memory, with every change committed before this call.

    For this asker only, and within the scope they were opened in: an indexed one reads with it.
    """
    wanted = sorted(collections)
    with vault_scope(access.vault_id):
        seq = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
        said = traits.of(access, wanted)
        indexed = {collection: one.indexed for collection, one in said.items()}
        found = []
        for collection in wanted:
            opened = _opened(access, collection, model, dim, indexed.get(collection, False))
            with opened.lock:
                _catch_up(access, collection, opened, seq)
            found.append(opened)
    _close_idle()
    _make_room(found)
    return [one.seen_by(access, place) for one, place in zip(found, wanted, strict=True)]


def close(vault_id: UUID) -> None:
    """Forget whatever of this vault is open in this process."""
    with _cache_lock:
        for place in [place for place in _cache if place[0] == vault_id]:
            del _cache[place]


def keep_shelf(access: Access, collection: UUID, *, model: str, dim: int) -> int:
    """Keep what is in memory of a large collection, sealed, for the next to open it. In bytes."""
    with vault_scope(access.vault_id):
        seq = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
        (opened,) = open_collections(access, [collection], model=model, dim=dim)
        if not opened.index.tidy:  # its words hold some that were forgotten
            close(access.vault_id)
            kept.forget(access, collection)
            (opened,) = open_collections(access, [collection], model=model, dim=dim)
        with opened.index.parts() as (shelf, words):
            drawn = kept.Drawn.of(shelf, words)
        now = kept.present(access, collection)
        with opened.index.parts() as (shelf, _):
            keys = shelf.keys(now.ids)
        return kept.write(access, collection, seq, drawn, now, keys)


def tokens_of(
    access: Access, opened: Sequence[Opened], ids: Sequence[UUID]
) -> dict[UUID, Embedding]:
    """Token vectors of these memories: those at hand, the others read and opened now."""
    home = {id: one for one in opened for id in ids if id in one.index}
    wanted = [id for id, one in home.items() if not _known(one, id)]
    if wanted:
        place = [access.vault_id, list(access.visible), list({one.model for one in opened})]
        with vault_scope(access.vault_id):
            for id, revision, model, found in read_tokens(access.keyring, _TOKENS, place, wanted):
                if model == home[id].model:
                    with home[id].lock:
                        home[id].keep_tokens(id, revision, found)
    return {id: kept[1] for id, one in home.items() if (kept := one.tokens.get(id))}


def _opened(access: Access, collection: UUID, model: str, dim: int, indexed: bool) -> Opened:
    epoch = max(access.keyring.epochs(collection))
    place = (access.vault_id, collection, access.keyring.fingerprint(collection, epoch))
    with _cache_lock:
        opened = _cache.get(place)
        if opened is None or (opened.model, opened.indexed) != (model, indexed):
            opened = _cache[place] = Opened(dim, model, indexed=indexed)
        _cache.move_to_end(place)
        opened.used = time.monotonic()
    _watch_idle()
    return opened


def _catch_up(access: Access, collection: UUID, opened: Opened, seq: int) -> None:
    try:
        catch_up(access, collection, opened, seq)
    except Tampered:
        close(access.vault_id)
        raise


def _known(opened: Opened, id: UUID) -> bool:
    kept = opened.tokens.get(id)
    return kept is not None and kept[0] == opened.index.revision(id)


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


def _make_room(in_use: Sequence[Opened]) -> None:
    """Close the least used until the rest fits into memory. What is in use stays, even if it does
    not fit: it would be opened again at the next question."""
    for opened in in_use:
        opened.measure()
    with _cache_lock:
        total = sum(opened.nbytes for opened in _cache.values())
        for place, opened in list(_cache.items()):
            if total > settings.SATCHEL_SEARCH_MEMORY and opened not in in_use:
                del _cache[place]
                total -= opened.nbytes
