"""A memory that was altered behind our back: never read again, but its owner may be rid of it."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault import records
from vault.access import Access
from vault.changes import next_seqs
from vault.embedding import turning
from vault.errors import Tampered
from vault.integrity import heads, manifests
from vault.keys.epochs import learn_names
from vault.log import access_log
from vault.marked import gettext_noop
from vault.models import Memory as Row
from vault.models import Revision, Source, Vector
from vault.types import Memory
from vault.writes import update_rows

WORDS = gettext_noop("(This memory was altered and cannot be read.)")
_COUNTED = 32  # bytes of the entry of one that is not forgotten


def is_unreadable(access: Access, row: Row) -> bool:
    """It, or where it was seen. Within a scope, for a row that the asker may see."""
    sources = Source.objects.filter(vault_id=access.vault_id, memory_id=row.id)
    return _view(access, row, list(sources)) is None


def views(access: Access, rows: Iterable[Row], sources: Iterable[Source]) -> list[Memory]:
    """As `records.views`, with `WORDS` in the place of those that cannot be read: for a page where
    their owner sees that they are there. Whoever takes memories away must not take these."""
    access.must_own()
    rows, seen = list(rows), dict[UUID, list[Source]]()
    for source in sources:
        seen.setdefault(source.memory_id, []).append(source)
    learn_names(access, {row.collection_id for row in rows} & access.visible)
    return [_view(access, row, seen.get(row.id, [])) or _what_is_left(row) for row in rows]


def _view(access: Access, row: Row, sources: list[Source]) -> Memory | None:
    try:
        return records.view(access, row, sources)
    except Tampered:
        return None


def give_up(access: Access, row: Row) -> Memory:
    """Destroy it at once, since there is nothing to restore. Within a scope, with the row locked.

    Its collection's manifest then expects one less, by what the row says it was counted as. Where
    that is not so either, the collection still does not fit: the checkup says so.
    """
    access.must_own()
    row.seq = next_seqs(access, 1)[0]
    _discount(access, row)
    mine = {"vault_id": access.vault_id, "memory_id": row.id}
    for model in (Vector, Revision):
        model.objects.filter(**mine).delete()
    Source.objects.filter(**mine).update(sealed=b"")  # its name stays: no import brings it back
    turning.shred(access.vault_id, [row.id])
    row.sealed, row.digest, row.entry, row.forgotten_at = b"", b"", b"", timezone.now()
    update_rows([row], "sealed", "digest", "entry", "forgotten_at", "seq")
    access_log.record(access, "forgot", [row.id])
    return _what_is_left(row)


def _discount(access: Access, row: Row) -> None:
    if len(row.entry) == _COUNTED:
        home = _counted_in(access, row)
        heads.lock(access.vault_id, [home])
        key = manifests.key_of(access, home)
        heads.change(access.vault_id, home, key, -1, -int.from_bytes(row.entry))


def _counted_in(access: Access, row: Row) -> UUID:
    """Where it belongs: a row may have been moved to another collection, and be whole there."""
    for home in access.visible:
        if manifests.entry_of(manifests.key_of(access, home), row) == bytes(row.entry):
            return home
    return row.collection_id


def _what_is_left(row: Row) -> Memory:
    return Memory(
        id=row.id,
        collection_id=row.collection_id,
        kind="fact",
        text=gettext(WORDS),
        title="",
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        occurred_at=None,
        forgotten_at=row.forgotten_at,
        pinned=False,
        trusted=False,
        role="",
        speaker="",
        conversation="",
        position=0,
        branch=0,
        held=row.held,
        altered=True,
    )
