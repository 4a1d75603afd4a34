"""What a person or a grantee does with memories: remember, revise, forget, restore, move, look."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from vault import access_log, indexing, letters, records
from vault.access import Access
from vault.browse import counts, listing
from vault.changes import epochs, next_seqs
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.models import Memory as Row
from vault.models import Revision as RevisionRow
from vault.models import Source as SourceRow
from vault.moves import reseal_into
from vault.records import Content, new_row, new_source, open_content, seal_content
from vault.scope import vault_scope
from vault.text import checked, clean
from vault.types import KINDS, Draft, Memory, Revision, SourceDraft, Suggestion

__all__ = [
    "counts",
    "forget",
    "get",
    "history",
    "listing",
    "move",
    "remember",
    "restore",
    "revise",
]

STANDING = ("profile", "instruction")
UNDO_FOR = timedelta(days=30)
"""How long a forgotten memory can be restored; then it is shredded."""


def remember(
    access: Access, collection_id: UUID, draft: Draft, *, confirmed: bool = True
) -> Memory | Suggestion:
    """Add one memory, or suggest it where the grant says "ask me" or may not see what is there.

    The same words again are not a second memory: the one there gets another source. Only the owner
    confirms by adding; `confirmed` False says that they did not look at these words.
    """
    if not _may_add_at_once(access, collection_id, draft.kind):
        return letters.suggest(
            access,
            collection_id,
            action="remember",
            text=Content.of(draft).text,
            kind=draft.kind,
            settled=access.may_add(collection_id) == "yes" and draft.kind not in STANDING,
        )
    draft = draft if draft.source else _by_asker(access, draft)
    with vault_scope(access.vault_id):
        there = _same_words(access, collection_id, draft)
        row = there or _add(access, collection_id, draft, confirmed)
        _log(access, "remembered", row)
    indexing.index_now(access, [row.id])
    return _read(access, row.id)


def get(access: Access, memory_id: UUID) -> Memory:
    """NotFound when there is none, or the asker may not see it, or it is forgotten (owner sees)."""
    with vault_scope(access.vault_id):
        memory = _read(access, memory_id)
        access_log.record_reading(access, "read", [memory.id])
    return memory


def history(access: Access, memory_id: UUID) -> list[Revision]:
    """Earlier states, the newest first."""
    with vault_scope(access.vault_id):
        row = _row(access, memory_id)
        mine = RevisionRow.objects.filter(vault_id=access.vault_id, memory_id=row.id)
        access_log.record_reading(access, "read", [row.id])
        return [_revision(access, old) for old in mine.order_by("-revision")]


def revise(
    access: Access,
    memory_id: UUID,
    *,
    text: str | None = None,
    kind: str | None = None,
    title: str | None = None,
    pinned: bool | None = None,
    if_revision: int | None = None,
) -> Memory | Suggestion:
    """Change what is given; the earlier state stays in the history. Stale if it moved on."""
    if kind is not None and kind not in KINDS:
        raise Invalid(f"The kind is one of {', '.join(KINDS)}.", "kind")
    with vault_scope(access.vault_id):
        row = _row(access, memory_id, for_change=True, if_revision=if_revision)
        if pinned is not None and not access.is_owner:
            raise Refused("Only the owner pins a memory.")
        guarded = row.kind if row.kind in STANDING else kind or row.kind
        if not _may_add_at_once(access, row.collection_id, guarded):
            words = checked(text) if text is not None else ""
            return letters.suggest(
                access,
                row.collection_id,
                action="revise",
                text=words,
                kind=kind or row.kind,
                memory_id=row.id,
            )
        before = open_content(access.keyring, row)
        after = Content(
            checked(text) if text is not None else before.text,
            clean(title)[:300] if title is not None else before.title,
            before.role,
            before.speaker,
            before.branch,
        )
        row.pinned = row.pinned if pinned is None else pinned
        _change(access, row, before, after, kind or row.kind)
        _log(access, "revised", row)
    indexing.index_now(access, [row.id])
    return _read(access, row.id)


def forget(
    access: Access, memory_id: UUID, *, if_revision: int | None = None
) -> Memory | Suggestion:
    """Out of sight of everybody at once; the owner can restore it for 30 days."""
    with vault_scope(access.vault_id):
        row = _row(access, memory_id, for_change=True, if_revision=if_revision)
        if not _may_add_at_once(access, row.collection_id, row.kind):
            return letters.suggest(
                access,
                row.collection_id,
                action="forget",
                text="",
                kind=row.kind,
                memory_id=row.id,
            )
        if row.forgotten_at is None:
            _mark(access, [row], forgotten_at=timezone.now())
            _log(access, "forgot", row)
        return records.view(access, row, _sources(access, [row.id]))


def restore(access: Access, memory_id: UUID) -> Memory:
    """Undo a forgetting, within 30 days."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, memory_id, for_change=True)
        if row.forgotten_at is not None:
            if row.forgotten_at < timezone.now() - UNDO_FOR:
                raise NotFound("This was forgotten more than 30 days ago and cannot come back.")
            _mark(access, [row], forgotten_at=None)
    return get(access, memory_id)


def move(access: Access, memory_id: UUID, collection_id: UUID) -> Memory:
    """Into another collection: everything about it is sealed anew under that one's key."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, memory_id, for_change=True)
        access.narrowed({collection_id})
        if row.collection_id != collection_id:
            reseal_into(access, row, collection_id)
    indexing.index_now(access, [row.id])
    return get(access, memory_id)


def _read(access: Access, memory_id: UUID) -> Memory:
    with vault_scope(access.vault_id):
        row = _row(access, memory_id)
        return records.view(access, row, _sources(access, [row.id]))


def _may_add_at_once(access: Access, collection_id: UUID, kind: str) -> bool:
    """True to write now, False to suggest. NotFound or Refused when the grant allows neither.

    A profile or an instruction stands in every app's context: from an app it always waits.
    """
    right = access.rights.get(collection_id)
    if right is None or (not right.see and right.add == "no"):
        raise NotFound("There is no such collection.")
    if right.add == "no":
        raise Refused("This grant may read here, but not add or change anything.")
    standing = kind in STANDING and not access.is_owner
    return right.see and right.add == "yes" and not standing


def _by_asker(access: Access, draft: Draft) -> Draft:
    vendor = "you" if access.is_owner else "app"
    account = "" if access.is_owner else access.asker.name
    source = SourceDraft(vendor=vendor, account=account)
    return Draft(
        **{f: getattr(draft, f) for f in draft.__dataclass_fields__ if f != "source"},
        source=source,
    )


def _same_words(access: Access, collection_id: UUID, draft: Draft) -> Row | None:
    if draft.kind == "episode":
        return None
    now, epoch = timezone.now(), epochs(access, [collection_id])[collection_id]
    digest = records.digest(access.keyring, collection_id, epoch, checked(draft.text))
    kept = Row.objects.filter(vault_id=access.vault_id, forgotten_at=None, digest=digest)
    row = kept.exclude(kind="episode").first()
    if row is not None and draft.source is not None:
        source = new_source(access, row, draft.source, now)
        SourceRow.objects.bulk_create([source], ignore_conflicts=True)
    return row


def _add(access: Access, collection_id: UUID, draft: Draft, confirmed: bool) -> Row:
    now, epoch = timezone.now(), epochs(access, [collection_id])[collection_id]
    row = new_row(access, collection_id, epoch, next_seqs(access, 1)[0], draft, now)
    row.trusted = row.trusted and confirmed
    row.save(force_insert=True)
    if draft.source is not None:
        new_source(access, row, draft.source, now).save(force_insert=True)
    return row


def _row(
    access: Access,
    memory_id: UUID,
    *,
    for_change: bool = False,
    if_revision: int | None = None,
) -> Row:
    rows = Row.objects.filter(vault_id=access.vault_id, id=memory_id)
    rows = rows.filter(collection_id__in=access.visible).exclude(sealed=b"")
    if not access.is_owner:
        rows = rows.filter(forgotten_at=None)
    row = (rows.select_for_update() if for_change else rows).first()
    if row is None:
        raise NotFound("There is no such memory.")
    if if_revision is not None and row.revision != if_revision:
        raise Stale("This memory changed meanwhile. Read it again, then repeat the change.")
    return row


def _sources(access: Access, memory_ids: Sequence[UUID]) -> list[SourceRow]:
    rows = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=memory_ids)
    return list(rows.order_by("seen_at", "id"))


def _change(access: Access, row: Row, before: Content, after: Content, kind: str) -> None:
    now = timezone.now()
    if (before, row.kind) != (after, kind):
        _keep_revision(access, row, before, now)
        row.revision += 1
        row.epoch = epochs(access, [row.collection_id])[row.collection_id]
        row.kind, row.updated_at = kind, now
        seal_content(access.keyring, row, after)
        row.trusted = False
    row.trusted = row.trusted or access.is_owner
    row.seq = next_seqs(access, 1)[0]
    row.save()


def _keep_revision(access: Access, row: Row, before: Content, now: datetime) -> None:
    old = RevisionRow(
        vault_id=row.vault_id,
        memory_id=row.id,
        collection_id=row.collection_id,
        kind=row.kind,
        revision=row.revision,
        epoch=row.epoch,
        changed_at=now,
        changed_by=access.asker.name,
    )
    place = (old.collection_id, old.epoch, "revision", old.id, old.revision)
    old.sealed = access.keyring.seal(*place, before.to_bytes())
    old.save(force_insert=True)


def _revision(access: Access, old: RevisionRow) -> Revision:
    place = (old.collection_id, old.epoch, "revision", old.id, old.revision)
    content = Content.from_bytes(access.keyring.open(*place, old.sealed))
    kind = records.kind_of(old.kind)
    return Revision(old.revision, content.text, kind, old.changed_at, old.changed_by)


def _mark(access: Access, rows: Sequence[Row], *, forgotten_at: datetime | None) -> None:
    for row, seq in zip(rows, next_seqs(access, len(rows)), strict=True):
        row.forgotten_at, row.seq = forgotten_at, seq
        row.save(update_fields=["forgotten_at", "seq"])


def _log(access: Access, action: str, row: Row) -> None:
    if not access.is_owner:
        access_log.record(access, action, [row.id])
