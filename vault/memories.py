"""What a person or a grantee does with memories: remember, revise, forget, restore, move, look."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault import history as histories
from vault import records, telling
from vault.access import Access
from vault.acting import keepers, merging
from vault.acting.moves import reseal_into
from vault.browse import counts, listing, sources_of
from vault.changes import next_seqs
from vault.embedding import indexing
from vault.errors import Invalid, NotFound, Refused
from vault.filepaths import is_path
from vault.history import UNDO_FOR
from vault.integrity import manifests, unreadable
from vault.keys.epochs import epochs
from vault.log import access_log
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.records import Content, new_row, new_source
from vault.reviewing import letters, pairs, quarantine
from vault.scope import vault_scope
from vault.types import KINDS, UNSET, Draft, Memory, Revision, SourceDraft, Suggestion, Unset
from vault.visible import visible_row

__all__ = [
    "UNDO_FOR",
    "counts",
    "forget",
    "get",
    "history",
    "listing",
    "move",
    "remember",
    "restore",
    "revise",
    "written",
]

STANDING = ("profile", "instruction")


def remember(
    access: Access, collection_id: UUID, draft: Draft, *, confirmed: bool = True
) -> Memory | Suggestion:
    """Add one memory, or suggest it where the grant says "ask me" or may not see what is there.

    The same words again are not a second memory: the one there gets another source. Only the owner
    confirms by adding; `confirmed` False says that they did not look at these words.
    """
    histories.check_span(draft.valid_from, draft.valid_until)
    if not _may_add_at_once(access, collection_id, draft.kind):
        _must_not_date(draft.valid_from or draft.valid_until)
        return letters.suggest(
            access,
            collection_id,
            action="remember",
            text=Content.of(draft).text,
            title=Content.of(draft).title,
            kind=draft.kind,
            settled=access.may_add(collection_id) == "yes" and draft.kind not in STANDING,
        )
    draft = draft if draft.source else _by_asker(access, draft)
    with vault_scope(access.vault_id):
        telling.take_turns(access)
        there = _same_words(access, collection_id, draft, confirmed)
        row = there or _add(access, collection_id, draft, confirmed)
        _log(access, "remembered", row)
        shown = _shown(access, row)  # within: what is written is not refused a moment later
    indexing.index_now(access, [row.id])
    pairs.find_later(access, [row.id])
    return shown


def get(access: Access, memory_id: UUID) -> Memory:
    """NotFound when there is none, or the asker may not see it, or it is forgotten (owner sees)."""
    with vault_scope(access.vault_id):
        memory = _read(access, memory_id)
        access_log.record_reading(access, "read", [memory.id])
    return memory


def written(access: Access, memory_id: UUID) -> Memory:
    """As `get`; and also what this grantee wrote itself and is held or not confirmed yet, for as
    long as nobody changed it. For answering the same request again."""
    with vault_scope(access.vault_id):
        mine = SourceRow.objects.filter(
            vault_id=access.vault_id, memory_id=memory_id, grant_id=access.asker.id
        )
        rows = Row.objects.filter(vault_id=access.vault_id, id=memory_id, forgotten_at=None)
        row = rows.filter(revision=1, collection_id__in=access.visible).exclude(sealed=b"").first()
        if row is not None and (sources := list(mine)):
            records.must_be_brought_so(access, sources)
            return _shown(access, row)
    return get(access, memory_id)


def history(access: Access, memory_id: UUID) -> list[Revision]:
    """Earlier states, the newest first."""
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id)
        access_log.record_reading(access, "read", [row.id])
        return histories.earlier(access, row.id)


def revise(
    access: Access,
    memory_id: UUID,
    *,
    text: str | None = None,
    kind: str | None = None,
    title: str | None = None,
    pinned: bool | None = None,
    valid_from: datetime | Unset | None = UNSET,
    valid_until: datetime | Unset | None = UNSET,
    if_revision: int | None = None,
) -> Memory | Suggestion:
    """Change what is given; the earlier state stays in the history. Stale if it moved on.

    The owner's word also confirms the memory, and lets it go where it was held.
    """
    if kind is not None and kind not in KINDS:
        raise Invalid(f"The kind is one of {', '.join(KINDS)}.", "kind")
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id, lock=True, if_revision=if_revision)
        if pinned is not None and not access.is_owner:
            raise Refused(gettext("Only the owner pins a memory."))
        guarded = row.kind if row.kind in STANDING else kind or row.kind
        at_once = _may_add_at_once(access, row.collection_id, guarded)
        before = histories.state_of(access, row)
        name = before.content.title if title is None else title
        if not at_once or quarantine.wary(access, text, guarded, name):
            _must_not_date(not (valid_from is UNSET and valid_until is UNSET))
            asked = before.changed(text=text, title=title).content
            if text is not None and not asked.text:
                raise Invalid(
                    gettext("A suggestion cannot empty it. Suggest to forget it."), "text"
                )
            return letters.suggest(
                access,
                row.collection_id,
                action="revise",
                text="" if text is None else asked.text,
                title="" if title is None else asked.title,
                kind=kind or row.kind,
                memory_id=row.id,
            )
        after = before.changed(
            text=text, kind=kind, title=title, valid_from=valid_from, valid_until=valid_until
        )
        row.pinned = row.pinned if pinned is None else pinned
        row.trusted = access.is_owner or (row.trusted and before == after)
        row.held = "" if access.is_owner else row.held
        histories.advance(access, [(row, after)])
        _log(access, "revised", row)
        shown = _shown(access, row)
    indexing.index_now(access, [row.id])
    pairs.find_later(access, [row.id])
    return shown


def forget(
    access: Access, memory_id: UUID, *, if_revision: int | None = None
) -> Memory | Suggestion:
    """Out of sight of everybody at once; the owner can restore it for 30 days. One that was altered
    and cannot be read is destroyed when its owner forgets it."""
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id, lock=True, if_revision=if_revision)
        at_once = _may_add_at_once(access, row.collection_id, row.kind)
        if not at_once or quarantine.wary(access, None, row.kind, ""):
            return letters.suggest(
                access,
                row.collection_id,
                action="forget",
                text="",
                kind=row.kind,
                memory_id=row.id,
            )
        if access.is_owner and unreadable.is_unreadable(access, row):
            return unreadable.give_up(access, row)
        if row.forgotten_at is None:
            row.forgotten_at = timezone.now()
            histories.save(access, [row], "forgotten_at")
            _log(access, "forgot", row)
        return _shown(access, row)


def restore(access: Access, memory_id: UUID) -> Memory:
    """Undo a forgetting, within 30 days. What was merged away gets its sources back."""
    access.must_own()
    with vault_scope(access.vault_id):
        keepers.hold(access, [memory_id])
        row = visible_row(access, memory_id, lock=True)
        if row.forgotten_at is not None:
            if row.forgotten_at < timezone.now() - UNDO_FOR:
                raise NotFound(
                    gettext("This was forgotten more than 30 days ago and cannot come back.")
                )
            row.forgotten_at = None
            histories.save(access, [row], "forgotten_at")
            merging.give_back(access, [row])
    return get(access, memory_id)


def move(access: Access, memory_id: UUID, collection_id: UUID) -> Memory:
    """Into another collection: everything about it is sealed anew under that one's key."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id, lock=True)
        access.narrowed({collection_id})
        if row.collection_id != collection_id:
            reseal_into(access, [row], collection_id)
    indexing.index_now(access, [row.id])
    return get(access, memory_id)


def _read(access: Access, memory_id: UUID) -> Memory:
    with vault_scope(access.vault_id):
        return _shown(access, visible_row(access, memory_id))


def _shown(access: Access, row: Row) -> Memory:
    """A row that the asker may see, or has just written."""
    with vault_scope(access.vault_id):
        return records.view(access, row, sources_of(access, [row.id]))


def _may_add_at_once(access: Access, collection_id: UUID, kind: str) -> bool:
    """True to write now, False to suggest. NotFound or Refused when the grant allows neither.

    A profile or an instruction stands in every app's context: from an app it always waits.
    """
    right = access.rights.get(collection_id)
    if right is None or (not right.see and right.add == "no"):
        raise NotFound(gettext("There is no such collection."))
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


def _same_words(access: Access, collection_id: UUID, draft: Draft, confirmed: bool) -> Row | None:
    """The memory there that says this, with the draft's source added to it."""
    if draft.kind == "episode" or is_path(draft.title):
        return None
    row = telling.told_before(access, collection_id, draft)
    if row is not None and access.is_owner and confirmed and (row.held or not row.trusted):
        row.trusted, row.held = True, ""
        histories.save(access, [row], "trusted", "held")
    return row


def _add(access: Access, collection_id: UUID, draft: Draft, confirmed: bool) -> Row:
    now, epoch = timezone.now(), epochs(access, [collection_id])[collection_id]
    row = new_row(access, collection_id, epoch, next_seqs(access, 1)[0], draft, now)
    row.trusted = row.trusted and confirmed
    row.held = quarantine.why_held(access, draft, confirmed=confirmed)
    manifests.settle(access, [row])
    row.save(force_insert=True)
    if draft.source is not None:
        new_source(access, row, draft.source, now).save(force_insert=True)
    return row


def _must_not_date(dated: object) -> None:
    """A suggestion has words and a kind; a date would be lost on its way to the owner."""
    if dated:
        raise Refused("This grant may suggest words here, not from or until when they are true.")


def _log(access: Access, action: str, row: Row) -> None:
    if not access.is_owner:
        access_log.record(access, action, [row.id])
