"""Many memories at once, as an import brings them: told again, nothing doubles."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from vault import access_log, manifests, quarantine, records, turning
from vault.access import Access
from vault.changes import next_seqs
from vault.epochs import epochs
from vault.errors import Refused
from vault.models import Memory as Row
from vault.models import Revision, Vector
from vault.models import Source as SourceRow
from vault.records import new_row, new_source
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
        current = epochs(access, access.visible)  # also where a memory gets one more source
        fresh, again = _sorted_out(access, drafts)
        told = len(drafts) - len(fresh) - len(again)
        sources = [
            new_source(access, row, d.source, now, current[row.collection_id])
            for row, d in again
            if d.source
        ]
        rows = []
        if fresh:
            new = quarantine.new_sources(access, [draft for _, draft in fresh])
            seqs = next_seqs(access, len(fresh))
            for (collection, draft), seq in zip(fresh, seqs, strict=True):
                row = new_row(access, collection, current[collection], seq, draft, now)
                first = quarantine.brought_by(access, draft) in new
                row.held = quarantine.held_for(access, draft, first_of_source=first)
                rows.append(row)
                if draft.source:
                    sources.append(new_source(access, row, draft.source, now))
            manifests.settle(access, rows)
        Row.objects.bulk_create(rows)
        SourceRow.objects.bulk_create(sources, ignore_conflicts=True)
    return Outcome(written=len(fresh), known=told, merged=len(again))


def undo_import(access: Access, import_id: UUID, limit: int = 500) -> int:
    """Take back what an import brought: sources first, then memories with no source left.

    In portions of `limit` memories; answers how many sources went, 0 when nothing is left. What
    was seen elsewhere too, or was revised or confirmed by hand since, stays.
    """
    with vault_scope(access.vault_id):
        mine = SourceRow.objects.filter(vault_id=access.vault_id, import_id=import_id)
        portion = list(mine.order_by("id").values_list("id", "memory_id")[:limit])
        if not portion:
            return 0
        mine.filter(id__in=[source for source, _ in portion]).delete()
        memory_ids = {memory for _, memory in portion}
        kept = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=memory_ids)
        orphans = memory_ids - set(kept.values_list("memory_id", flat=True))
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=orphans, trusted=False)
        _shred(access, list(rows.order_by("id").select_for_update()))
    return len(portion)


def log_import(access: Access, import_name: str) -> None:
    access_log.record(access, "imported", purpose=import_name)


def _shred(access: Access, rows: Sequence[Row]) -> None:
    if not rows:
        return
    ids = [row.id for row in rows]
    Vector.objects.filter(vault_id=access.vault_id, memory_id__in=ids).delete()
    turning.shred(access.vault_id, ids)
    Revision.objects.filter(vault_id=access.vault_id, memory_id__in=ids).delete()
    now = timezone.now()
    for row, seq in zip(rows, next_seqs(access, len(rows)), strict=True):
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
    return {bytes(row.digest): row for row in rows.exclude(kind="episode")}
