"""Splitting a memory that says several things, and taking a split back."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault import records
from vault.access import Access
from vault.acting.act_records import add_parts, closed, locked_act, new_act, parts_of, said_by
from vault.browse import sources_of
from vault.changes import next_seqs
from vault.embedding import indexing
from vault.errors import Invalid, NotFound
from vault.history import save, state_of, unchanged_since
from vault.ids import new_id
from vault.integrity import manifests
from vault.keys.epochs import epochs
from vault.models import Act
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.records import new_row
from vault.scope import vault_scope
from vault.text import checked, folded
from vault.types import Draft, Memory
from vault.visible import visible_row, visible_rows

MOST = 50
"""Parts of one memory."""


def split(access: Access, memory_id: UUID, texts: Sequence[str]) -> list[Memory]:
    """Make several memories of one; each has all its sources. Owner only. It is forgotten."""
    access.must_own()
    words = [checked(text) for text in texts]
    if not 2 <= len({folded(text) for text in words}) == len(words) <= MOST:
        raise Invalid(
            gettext("Write two to %(most)s parts, each saying something else.") % {"most": MOST},
            "texts",
        )
    with vault_scope(access.vault_id):
        whole = visible_row(access, memory_id, lock=True)
        if whole.forgotten_at is not None:
            raise NotFound(gettext("This memory is forgotten. Restore it first."))
        act = new_act(access, "split", whole.collection_id, len(words), memory_id=memory_id)
        parts = _parts(access, whole, words)
        _copy_sources(access, whole, parts)
        add_parts(access, act, [({}, part.id) for part in parts], done=True)
        whole.forgotten_at = act.made_at
        save(access, [whole], "forgotten_at")
        closed(act, Act.State.DONE)
    indexing.index_now(access, [part.id for part in parts])
    return _views(access, parts)


def unsplit(access: Access, act_id: UUID) -> Memory:
    """Take a split back: the whole is there again. A part that was changed since stays."""
    with vault_scope(access.vault_id):
        act = locked_act(access, act_id)
        if act.memory_id is None or (act.verb, act.state) != ("split", Act.State.DONE):
            raise NotFound(gettext("This was undone already."))
        whole = visible_row(access, act.memory_id, lock=True)
        parts = list(parts_of(access, act))
        for part in parts:
            said_by(access, act, part)
        ids = [part.memory_id for part in parts if part.memory_id]
        mine = visible_rows(access).filter(id__in=ids, forgotten_at=None)
        mine = mine.exclude(id__in=_keepers(access, ids)).order_by("id").select_for_update()
        rows = [row for row in mine if unchanged_since(access, row, 1)]
        for row in rows:
            row.forgotten_at = timezone.now()
        save(access, rows, "forgotten_at")
        if whole.forgotten_at == act.made_at:
            whole.forgotten_at = None
            save(access, [whole], "forgotten_at")
        closed(act, Act.State.UNDONE)
    return _views(access, [whole])[0]


def _parts(access: Access, whole: Row, texts: Sequence[str]) -> list[Row]:
    content, made = state_of(access, whole).content, []
    epoch = epochs(access, [whole.collection_id])[whole.collection_id]
    for text, seq in zip(texts, next_seqs(access, len(texts)), strict=True):
        draft = Draft(
            text=text,
            kind=records.kind_of(whole.kind),
            title=content.title,
            occurred_at=whole.occurred_at,
            role=content.role,
            speaker=content.speaker,
            position=whole.position,
            branch=content.branch,
            pinned=whole.pinned,
            valid_from=whole.valid_from,
            valid_until=whole.valid_until,
        )
        row = new_row(access, whole.collection_id, epoch, seq, draft, timezone.now())
        row.conversation = whole.conversation
        row.arrived = max(whole.arrived, 1)  # what it says has been here as long as the whole
        made.append(row)
    manifests.settle(access, made)
    Row.objects.bulk_create(made)
    return made


def _copy_sources(access: Access, whole: Row, parts: Sequence[Row]) -> None:
    """Without their keyed names: a newer export finds the whole by those, as told before."""
    copies = []
    for source in sources_of(access, [whole.id]):
        details = records.open_source(access.keyring, whole.collection_id, source)
        for part in parts:
            copy = SourceRow(
                vault_id=source.vault_id,
                id=new_id(),
                memory_id=part.id,
                vendor=source.vendor,
                epoch=part.epoch,
                grant_id=source.grant_id,
                import_id=source.import_id,
                seen_at=source.seen_at,
            )
            records.seal_source(access.keyring, part.collection_id, copy, details)
            copies.append(copy)
    SourceRow.objects.bulk_create(copies)


def _keepers(access: Access, ids: Sequence[UUID]) -> list[UUID]:
    """Those of them into which others were merged."""
    merges = Act.objects.filter(vault_id=access.vault_id, verb="merge", state=Act.State.DONE)
    found = merges.filter(memory_id__in=ids).values_list("memory_id", flat=True)
    return [id for id in found if id is not None]


def _views(access: Access, rows: Sequence[Row]) -> list[Memory]:
    with vault_scope(access.vault_id):
        return records.views(access, rows, sources_of(access, [row.id for row in rows]))
