"""Rows to values and back: what of a memory is sealed, and under which name."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.access import Access
from vault.filepaths import worded
from vault.ids import id_from, new_id
from vault.integrity import manifests
from vault.integrity.bound import source_id
from vault.keys.epochs import learn_names, names_key
from vault.keys.keyring import Keyring, tampered
from vault.keys.slots import Record
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.text import clean, folded
from vault.types import KINDS, Draft, Kind, Memory, Source, SourceDraft


@dataclass(frozen=True, slots=True)
class Content:
    """The sealed part of a memory."""

    text: str
    title: str = ""
    role: str = ""
    speaker: str = ""
    branch: int = 0

    def to_bytes(self) -> bytes:
        fields = [self.text, self.title, self.role, self.speaker, self.branch]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Content":
        return cls(*json.loads(data))

    @classmethod
    def of(cls, draft: Draft) -> "Content":
        """Invalid when the draft says nothing or too much."""
        speaker, title = clean(draft.speaker)[:200], clean(draft.title)[:300]
        return cls(worded(draft.text, title), title, draft.role, speaker, draft.branch)


def open_content(keyring: Keyring, row: Row) -> Content:
    place = (row.collection_id, row.epoch, row.id, row.revision)
    return open_words(keyring, *place, row.sealed)


def open_words(
    keyring: Keyring, collection: UUID, epoch: int, id: UUID, revision: int, sealed: Record
) -> Content:
    """The sealed part of a memory by its columns, for readers of many rows."""
    data = keyring.open(collection, epoch, "memory", id, revision, sealed)
    return Content.from_bytes(data)


def seal_content(keyring: Keyring, row: Row, content: Content) -> None:
    """Set the row's sealed words and digest, for the collection and revision it now has."""
    place = (row.collection_id, row.epoch, "memory", row.id, row.revision)
    row.sealed = keyring.seal(*place, content.to_bytes())
    row.digest = digest(keyring, row.collection_id, row.epoch, content.text)


def digest(keyring: Keyring, collection: UUID, epoch: int, text: str) -> bytes:
    return keyring.digest(collection, epoch, "text", folded(text))


def source_key(access: Access, collection: UUID, source: SourceDraft) -> bytes | None:
    """The keyed name by which a newer export finds this memory; None when it has no own id."""
    if not source.key:
        return None
    name = "\0".join((source.vendor, source.account, source.key))
    return names_key(access, collection).mac(b"source\0" + name.encode("utf-8", "surrogatepass"))


def new_row(
    access: Access, collection: UUID, epoch: int, seq: int, draft: Draft, now: datetime
) -> Row:
    row = Row(
        vault_id=access.vault_id,
        id=new_id(),
        collection_id=collection,
        kind=draft.kind if draft.kind in KINDS else "fact",
        epoch=epoch,
        seq=seq,
        created_at=now,
        updated_at=now,
        occurred_at=draft.occurred_at,
        sorted_at=draft.occurred_at or now,
        pinned=draft.pinned and access.is_owner,
        trusted=access.is_owner,
        conversation=_conversation(access, collection, draft),
        position=draft.position,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
    )
    seal_content(access.keyring, row, Content.of(draft))
    return row


def new_source(
    access: Access, memory: Row, source: SourceDraft, now: datetime, epoch: int = 0
) -> SourceRow:
    """Sealed under `epoch`, by default the memory's, which the caller must hold."""
    row = SourceRow(
        vault_id=access.vault_id,
        id=new_id(),
        memory_id=memory.id,
        vendor=source.vendor,
        key=source_key(access, memory.collection_id, source),
        epoch=epoch or memory.epoch,
        grant_id=access.asker.id if access.asker.kind == "token" else source.grant_id,
        import_id=source.import_id,
        seen_at=now,
    )
    seal_source(access.keyring, memory.collection_id, row, _details(source))
    return row


def seal_source(keyring: Keyring, collection: UUID, row: SourceRow, details: list[str]) -> None:
    data = json.dumps(details, ensure_ascii=False).encode()
    row.sealed = keyring.seal(collection, row.epoch, "source", source_id(row), 0, data)


def open_source(keyring: Keyring, collection: UUID, row: SourceRow) -> list[str]:
    """[account, conversation id, conversation title, message id]. Tampered when the row is of
    another memory, or was brought otherwise, than when it was sealed."""
    data = keyring.open(collection, row.epoch, "source", source_id(row), 0, row.sealed)
    details: list[str] = json.loads(data)
    return details


def must_be_brought_so(access: Access, sources: Sequence[SourceRow]) -> None:
    """Tampered when one of them says anything else than when it was sealed. Within a scope.

    Those of shredded memories say nothing any more, and count for nothing.
    """
    ids = {source.memory_id for source in sources}
    rows = Row.objects.filter(vault_id=access.vault_id, id__in=ids).exclude(sealed=b"")
    kept = rows.filter(collection_id__in=access.visible)
    homes = dict(kept.values_list("id", "collection_id"))
    for source in sources:
        if source.memory_id in homes:
            open_source(access.keyring, homes[source.memory_id], source)


def views(access: Access, rows: Iterable[Row], sources: Iterable[SourceRow] = ()) -> list[Memory]:
    rows, by_memory = list(rows), dict[UUID, list[SourceRow]]()
    for source in sources:
        by_memory.setdefault(source.memory_id, []).append(source)
    learn_names(access, {row.collection_id for row in rows} & access.visible)
    return [view(access, row, by_memory.get(row.id, ())) for row in rows]


def view(access: Access, row: Row, sources: Iterable[SourceRow] = ()) -> Memory:
    """The opened memory. Tampered when the row is not what was sealed for this place."""
    if not access.may_see(row.collection_id):
        raise tampered()
    manifests.must_be_genuine(manifests.key_of(access, row.collection_id), row)
    content = open_content(access.keyring, row)
    return Memory(
        id=row.id,
        collection_id=row.collection_id,
        kind=kind_of(row.kind),
        text=content.text,
        title=content.title,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        occurred_at=row.occurred_at,
        forgotten_at=row.forgotten_at,
        pinned=row.pinned,
        trusted=row.trusted,
        role=content.role,
        speaker=content.speaker,
        conversation=row.conversation.hex if row.conversation else "",
        position=row.position,
        branch=content.branch,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        held=row.held,
        sources=tuple(_source(access, row.collection_id, source) for source in sources),
    )


def _source(access: Access, collection: UUID, row: SourceRow) -> Source:
    account, conversation_id, title, message_id = open_source(access.keyring, collection, row)
    return Source(
        vendor=row.vendor,
        account=account,
        conversation_id=conversation_id,
        conversation_title=title,
        message_id=message_id,
        seen_at=row.seen_at,
        import_id=row.import_id,
    )


def _details(source: SourceDraft) -> list[str]:
    title = clean(source.conversation_title)[:300]
    return [source.account, source.conversation_id, title, source.message_id]


def _conversation(access: Access, collection: UUID, draft: Draft) -> UUID | None:
    if not draft.conversation:
        return None
    name = b"conversation\0" + draft.conversation.encode("utf-8", "surrogatepass")
    return id_from(names_key(access, collection).mac(name))


def kind_of(value: str) -> Kind:
    """The kind by its name. Tampered for one that this version does not know."""
    for kind in KINDS:
        if kind == value:
            return kind
    raise tampered()
