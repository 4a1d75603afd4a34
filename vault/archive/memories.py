"""Memories, what they said before, and where they were seen: as lines, and as rows again."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.taking import Taking, portions
from vault.changes import next_seqs
from vault.filepaths import is_path
from vault.history import open_earlier, seal_earlier
from vault.integrity import manifests
from vault.models import Memory, Revision, Source
from vault.records import Content, kind_of, open_content, open_source, seal_content, seal_source
from vault.text import clean, unhidden

EPOCH = 1
"""Everything restored is sealed under the first keys of its collections."""
_SAME = (
    *("id", "collection_id", "revision", "created_at", "updated_at", "occurred_at"),
    *("forgotten_at", "valid_from", "valid_until", "pinned", "trusted", "held"),
    *("conversation", "position"),
)
"""Of a memory: columns that are carried as they are."""


def take(taking: Taking) -> Iterator[lines.Memory]:
    """In the order of their last change, which a restored vault keeps."""
    access = taking.access
    mine = Memory.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    for portion in portions(mine.order_by("seq", "id")):
        yield from taking.each("memories", portion, lambda row: _line(access, row))


def take_revisions(taking: Taking) -> Iterator[lines.Revision]:
    access = taking.access
    mine = Revision.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    for portion in portions(mine.order_by("id")):
        yield from taking.each("revisions", portion, lambda row: _revision_line(access, row))


def take_sources(taking: Taking) -> Iterator[lines.Source]:
    access = taking.access
    for portion in portions(Source.objects.filter(vault_id=access.vault_id).order_by("id")):
        homes = _homes(access, [row.memory_id for row in portion])
        there = [row for row in portion if row.memory_id in homes]
        opened = partial(_source_line, access, homes)
        yield from taking.each("sources", there, opened)


def put(access: Access, portion: Sequence[lines.Memory]) -> None:
    """Write these, sealed for their places. Damaged when one could not have been there."""
    rows = []
    for line, seq in zip(portion, next_seqs(access, len(portion)), strict=True):
        if line.collection_id not in access.visible:
            raise Damaged
        rows.append(_row(access, line, seq))
    manifests.settle(access, rows)
    Memory.objects.bulk_create(rows)


def put_revisions(access: Access, portion: Sequence[lines.Revision]) -> None:
    homes = _homes(access, [line.memory_id for line in portion])
    rows = []
    for line in portion:
        row = Revision(
            vault_id=access.vault_id,
            id=line.id,
            memory_id=line.memory_id,
            collection_id=_home(homes, line.memory_id),
            kind=line.kind,
            revision=line.revision,
            epoch=EPOCH,
            changed_at=line.changed_at,
            changed_by=line.changed_by,
        )
        seal_earlier(access.keyring, row, _earlier_words(line))
        rows.append(row)
    Revision.objects.bulk_create(rows)


def put_sources(access: Access, portion: Sequence[lines.Source]) -> None:
    homes = _homes(access, [line.memory_id for line in portion])
    rows = []
    for line in portion:
        row = Source(
            vault_id=access.vault_id,
            id=line.id,
            memory_id=line.memory_id,
            vendor=line.vendor,
            key=line.key,
            epoch=EPOCH,
            sealed=b"",
            grant_id=line.grant_id,
            import_id=line.import_id,
            seen_at=line.seen_at,
        )
        home, told = _home(homes, line.memory_id), line.details
        if told is not None:
            words = [told.account, told.conversation_id, told.conversation_title, told.message_id]
            seal_source(access.keyring, home, row, words)
        rows.append(row)
    # What was imported meanwhile may have told of one of them already.
    Source.objects.bulk_create(rows, ignore_conflicts=True)


def _line(access: Access, row: Memory) -> lines.Memory:
    words = _words(open_content(access.keyring, row)) if row.sealed else None
    same = {name: getattr(row, name) for name in _SAME}
    return lines.Memory(kind=kind_of(row.kind), words=words, **same)


def _revision_line(access: Access, row: Revision) -> lines.Revision:
    *content, start, end, grant = json.loads(open_earlier(access.keyring, row))
    return lines.Revision(
        id=row.id,
        memory_id=row.memory_id,
        kind=kind_of(row.kind),
        revision=row.revision,
        words=_words(Content(*content)),
        valid_from=datetime.fromisoformat(start) if start else None,
        valid_until=datetime.fromisoformat(end) if end else None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        grant_id=UUID(grant) if grant else None,
    )


def _source_line(access: Access, homes: dict[UUID, UUID], row: Source) -> lines.Source:
    told = open_source(access.keyring, homes[row.memory_id], row) if row.sealed else None
    return lines.Source(
        id=row.id,
        memory_id=row.memory_id,
        vendor=row.vendor,
        key=bytes(row.key) if row.key is not None else None,
        details=lines.Details(*told) if told is not None else None,
        grant_id=row.grant_id,
        import_id=row.import_id,
        seen_at=row.seen_at,
    )


def _words(content: Content) -> lines.Words:
    return lines.Words(content.text, content.title, content.role, content.speaker, content.branch)


def _content(words: lines.Words) -> Content:
    """Cleaned as everything that comes from outside is; to what was clean it does nothing."""
    title, speaker = clean(words.title)[:300], clean(words.speaker)[:200]
    text = unhidden(words.text) if is_path(title) else clean(words.text)
    if not text and not is_path(title):
        raise Damaged
    return Content(text, title, clean(words.role)[:300], speaker, words.branch)


def _row(access: Access, line: lines.Memory, seq: int) -> Memory:
    row = Memory(
        vault_id=access.vault_id,
        kind=line.kind,
        epoch=EPOCH,
        seq=seq,
        sorted_at=line.occurred_at or line.created_at,
        **{name: getattr(line, name) for name in _SAME},
    )
    if line.words is not None:
        seal_content(access.keyring, row, _content(line.words))
    elif line.forgotten_at is None:
        raise Damaged
    else:
        row.sealed = row.digest = b""
    return row


def _earlier_words(line: lines.Revision) -> bytes:
    content = json.loads(_content(line.words).to_bytes())
    span = [when.isoformat() if when else None for when in (line.valid_from, line.valid_until)]
    fields = [*content, *span, line.grant_id.hex if line.grant_id else ""]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _homes(access: Access, memory_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The collection of each of these memories that is in sight."""
    mine = Memory.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    return dict(mine.filter(id__in=set(memory_ids)).values_list("id", "collection_id"))


def _home(homes: dict[UUID, UUID], memory_id: UUID) -> UUID:
    try:
        return homes[memory_id]
    except KeyError:
        raise Damaged from None
