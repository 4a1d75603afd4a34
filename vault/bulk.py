"""Many memories at once, as an import brings them: told again, nothing doubles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from vault import records, telling
from vault.access import Access
from vault.acting import keepers
from vault.changes import next_seqs
from vault.embedding import turning
from vault.errors import Refused
from vault.integrity import manifests
from vault.keys.epochs import epochs
from vault.log import access_log
from vault.models import Memory as Row
from vault.models import Revision, Vector
from vault.models import Source as SourceRow
from vault.records import new_row, new_source
from vault.reviewing import quarantine
from vault.scope import vault_scope
from vault.types import Draft, Outcome


def known(access: Access, drafts: Sequence[Draft]) -> list[bool]:
    """For each draft, whether its source was told before or its words are there already."""
    with vault_scope(access.vault_id):
        names = _names(access, drafts)
        told, words = _told(access, names), _same_words(access, names)
    return [not told.isdisjoint(one.keys) or bool(one.digests & words.keys()) for one in names]


def remember_many(access: Access, drafts: Sequence[tuple[UUID, Draft]]) -> Outcome:
    """Write all of them in one transaction, each into its collection.

    A source told before changes nothing, also when its memory was forgotten since. The same
    words again (except in conversations) become another source of the memory there.
    """
    if any(access.may_add(c) != "yes" or not access.may_see(c) for c, _ in drafts):
        raise Refused("This may not be added here.")
    now = timezone.now()
    with vault_scope(access.vault_id):
        telling.take_turns(access)
        fresh, again = _sorted_out(access, drafts)
        there = keepers.stand_ins(access, [row for row, _ in again])
        current = epochs(access, access.visible)  # also where a memory gets one more source
        sources = _seen_again(access, again, there, now, current)
        made = _made(access, fresh, now, current)
        sources += [source for _, source in made if source]
        SourceRow.objects.bulk_create(sources, ignore_conflicts=True)
        rows = _with_their_source(access, made)
        _save_new(access, rows)
    told = len(drafts) - len(rows) - len(again)
    return Outcome(written=len(rows), known=told, merged=len(again))


def homes(access: Access, drafts: Sequence[Draft]) -> list[UUID | None]:
    """The memory that each draft's source or words are of now. Within a scope."""
    names = _names(access, drafts)
    keys = [key for one in names for key in one.keys]
    rows = SourceRow.objects.filter(vault_id=access.vault_id, key__in=keys)
    told = {bytes(key): home for key, home in rows.values_list("key", "memory_id") if key}
    words = {digest: row.id for digest, row in _same_words(access, names).items()}
    known = {**words, **told}
    return [
        next((known[name] for name in (*one.keys, *one.digests) if name in known), None)
        for one in names
    ]


def undo_import(access: Access, import_id: UUID, limit: int = 500) -> int:
    """Take back what an import brought: sources first, then memories with no source left.

    In portions of `limit` memories; answers how many sources went, 0 when nothing is left. What
    was seen elsewhere too, or was revised or confirmed by hand since, stays.
    """
    with vault_scope(access.vault_id):
        telling.take_turns(access)
        rows, portion = _portion(access, import_id, limit)
        records.must_be_brought_so(access, portion)
        mine = SourceRow.objects.filter(vault_id=access.vault_id)
        mine.filter(id__in=[source.id for source in portion]).delete()
        left = mine.filter(memory_id__in=[row.id for row in rows])
        kept = set(left.values_list("memory_id", flat=True))
        _shred(access, [row for row in rows if row.id not in kept and not row.trusted])
    return len(portion)


def log_import(access: Access, import_name: str) -> None:
    access_log.record(access, "imported", purpose=import_name)


def _portion(access: Access, import_id: UUID, limit: int) -> tuple[list[Row], list[SourceRow]]:
    """Some memories that it brought, locked, and its sources of them, as they are behind the locks:
    until then a merge may take them elsewhere, so look there again."""
    rows = Row.objects.filter(vault_id=access.vault_id)
    mine = SourceRow.objects.filter(vault_id=access.vault_id, import_id=import_id).order_by("id")
    while ids := set(mine.values_list("memory_id", flat=True)[:limit]):
        locked = list(rows.filter(id__in=ids).order_by("id").select_for_update())
        if portion := list(mine.filter(memory_id__in=ids)[:limit]):
            return locked, portion
    return [], []


def _made(
    access: Access,
    fresh: Sequence[tuple[UUID, Draft]],
    now: datetime,
    current: dict[UUID, int],
) -> list[tuple[Row, SourceRow | None]]:
    """Their rows, not saved and not numbered yet, each with its source if it has one."""
    new = quarantine.new_sources(access, [draft for _, draft in fresh])
    made = []
    for collection, draft in fresh:
        row = new_row(access, collection, current[collection], 0, draft, now)
        first = quarantine.brought_by(access, draft) in new
        row.held = quarantine.held_for(access, draft, first_of_source=first)
        made.append((row, new_source(access, row, draft.source, now) if draft.source else None))
    return made


def _with_their_source(access: Access, made: Sequence[tuple[Row, SourceRow | None]]) -> list[Row]:
    """Those whose source was not told meanwhile: an archive that is restored takes no turns."""
    wanted = [source.id for _, source in made if source]
    mine = SourceRow.objects.filter(vault_id=access.vault_id, id__in=wanted)
    there = set(mine.values_list("id", flat=True)) if wanted else set()
    return [row for row, source in made if source is None or source.id in there]


def _save_new(access: Access, rows: Sequence[Row]) -> None:
    if not rows:
        return
    for row, seq in zip(rows, next_seqs(access, len(rows)), strict=True):
        row.seq = seq
    manifests.settle(access, rows)
    Row.objects.bulk_create(rows)


def _shred(access: Access, rows: Sequence[Row]) -> None:
    if not rows:
        return
    ids, seqs = [row.id for row in rows], next_seqs(access, len(rows))  # the vault before vectors
    Vector.objects.filter(vault_id=access.vault_id, memory_id__in=ids).delete()
    turning.shred(access.vault_id, ids)
    Revision.objects.filter(vault_id=access.vault_id, memory_id__in=ids).delete()
    now = timezone.now()
    for row, seq in zip(rows, seqs, strict=True):
        row.sealed, row.digest, row.forgotten_at, row.seq = b"", b"", now, seq
    manifests.settle(access, rows)
    Row.objects.bulk_update(rows, ["sealed", "digest", "forgotten_at", "seq", "entry"])


@dataclass(frozen=True, slots=True)
class _Names:
    """A draft's keyed names under every collection's key: wherever it went, it is found.

    `keys` name its source, `digests` its words; a turn of a conversation has no digests, since the
    same words said twice are two turns.
    """

    keys: frozenset[bytes]
    digests: frozenset[bytes]


def _names(access: Access, drafts: Sequence[Draft]) -> list[_Names]:
    ring = access.keyring
    places = [(c, epoch) for c in access.visible for epoch in ring.epochs(c)]

    def named(draft: Draft) -> _Names:
        source, talk = draft.source, draft.kind == "episode"
        keys = [records.source_key(access, c, source) for c in access.visible if source]
        digests = [records.digest(ring, c, epoch, draft.text) for c, epoch in places if not talk]
        return _Names(frozenset(key for key in keys if key), frozenset(digests))

    return [named(draft) for draft in drafts]


def _sorted_out(
    access: Access, drafts: Sequence[tuple[UUID, Draft]]
) -> tuple[list[tuple[UUID, Draft]], list[tuple[Row, Draft]]]:
    """The new ones, and (memory, draft) for those that are only another source of one."""
    names = _names(access, [draft for _, draft in drafts])
    told, words = _told(access, names), _same_words(access, names)
    fresh: list[tuple[UUID, Draft]] = []
    again: list[tuple[Row, Draft]] = []
    coming: set[bytes] = set()
    for (collection, draft), one in zip(drafts, names, strict=True):
        if one.keys & told or (one.keys | one.digests) & coming:
            continue
        coming |= one.keys | one.digests
        there = next((words[digest] for digest in one.digests if digest in words), None)
        if there is not None:
            again.append((there, draft))
        else:
            fresh.append((collection, draft))
    return fresh, again


def _told(access: Access, names: Sequence[_Names]) -> set[bytes]:
    keys = [key for one in names for key in one.keys]
    rows = SourceRow.objects.filter(vault_id=access.vault_id, key__in=keys)
    return {bytes(key) for key in rows.values_list("key", flat=True) if key is not None}


def _same_words(access: Access, names: Sequence[_Names]) -> dict[bytes, Row]:
    digests = [digest for one in names for digest in one.digests]
    if not digests:
        return {}
    rows = Row.objects.filter(
        vault_id=access.vault_id, digest__in=digests, collection_id__in=access.visible
    )
    kept_last = rows.exclude(kind="episode").order_by(F("forgotten_at").asc(nulls_last=True))
    return {bytes(row.digest): row for row in kept_last}


def _seen_again(
    access: Access,
    again: Sequence[tuple[Row, Draft]],
    there: Mapping[UUID, Row],
    now: datetime,
    current: dict[UUID, int],
) -> list[SourceRow]:
    """A further source of each, or of what it was merged into, which is `there`."""
    sources = []
    for row, draft in again:
        if draft.source is not None:
            home = there[row.id]
            source = new_source(access, home, draft.source, now, current[home.collection_id])
            sources.append(source)
            if home.id != row.id:
                keepers.came_later(access, row, source)
    return sources
