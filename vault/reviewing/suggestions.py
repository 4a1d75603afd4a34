"""Suggestions: letters that a grantee posts, for the owner to read and decide."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from vault import memories
from vault.access import Access
from vault.errors import NotFound, Refused, Tampered, VaultError
from vault.models import Grant, GrantRight
from vault.models import Memory as MemoryRow
from vault.models import Suggestion as Row
from vault.records import kind_of
from vault.reviewing import distilled, letters
from vault.scope import vault_scope
from vault.types import Draft, Memory, SourceDraft, SuggestedAction, Suggestion

MOST_SHOWN = 200
MOST_ABOUT_ONE = 10
MOST_AT_ONCE = 20
"""Letters taken in within one request: the owner's click must not wait for a flood of them."""


def listing(access: Access) -> list[Suggestion]:
    """What waits for the owner's word, the oldest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        return [_shown(access, row) for row in _waiting(access).filter(settled=False)[:MOST_SHOWN]]


def about(access: Access, memory_id: UUID) -> list[Suggestion]:
    """Other words for this memory that wait for the owner's word, the oldest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = _waiting(access).filter(settled=False, memory_id=memory_id, action="revise")
        return [_shown(access, row) for row in rows[:MOST_ABOUT_ONE]]


def mine(access: Access) -> list[UUID]:
    """Which of this grantee's letters are still there, the oldest first. No word of them: it cannot
    open them itself."""
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
        return list(rows.order_by("suggested_at", "id").values_list("id", flat=True))


def count(access: Access) -> int:
    access.must_own()
    with vault_scope(access.vault_id):
        return _waiting(access).filter(settled=False).count()


def accept(access: Access, suggestion_id: UUID, *, text: str | None = None) -> Memory:
    """Do what it suggests, with other words if `text` is given. The memory says who brought it."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, suggestion_id)
        memory = _carry_out(access, row, text)
        row.delete()
    return memory


def decline(access: Access, suggestion_id: UUID) -> None:
    access.must_own()
    with vault_scope(access.vault_id):
        _row(access, suggestion_id).delete()


def take_in(access: Access) -> int:
    """Carry out some letters of grants that may add without asking. How many were taken in.

    The owner did not look at them, so they are not confirmed by it. One that cannot be carried
    out waits under suggestions instead.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        rows = _waiting(access).filter(settled=True)
        ids = list(rows.values_list("id", flat=True)[:MOST_AT_ONCE])
    return sum(_take_in(access, id) for id in ids)


def _take_in(access: Access, suggestion_id: UUID) -> bool:
    """One letter, in a transaction of its own: what it locks first, like a memory that says the
    same, must not be locked behind the vault, which the letter before it held."""
    with vault_scope(access.vault_id):
        mine = _waiting(access).filter(id=suggestion_id, settled=True)
        row = mine.select_for_update(skip_locked=True).first()
        if row is None:
            return False  # another tab is faster
        try:
            _must_still_add(access, row)
            with transaction.atomic():  # a letter that does not open spoils only itself
                _carry_out(access, row)
                row.delete()
        except VaultError:
            Row.objects.filter(vault_id=access.vault_id, id=row.id).update(settled=False)
            return False
    return True


def _must_still_add(access: Access, row: Row) -> None:
    """Refused when its grant may by now not add without asking: then it waits like the others."""
    mine = {"vault_id": access.vault_id, "grant_id": row.grant_id}
    may = GrantRight.objects.filter(**mine, collection_id=row.collection_id, add="yes")
    live = Grant.objects.filter(vault_id=access.vault_id, id=row.grant_id, revoked_at=None)
    if row.action != "remember" or not may.exists() or not live.filter(paused_at=None).exists():
        raise Refused("This grant may not add without asking any more.")


def _waiting(access: Access) -> QuerySet[Row]:
    rows = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    return rows.order_by("suggested_at", "id")


def _row(access: Access, suggestion_id: UUID) -> Row:
    row = _waiting(access).filter(id=suggestion_id).select_for_update().first()
    if row is None:
        raise NotFound(gettext("This suggestion is no longer waiting."))
    return row


def _carry_out(access: Access, row: Row, text: str | None = None) -> Memory:
    suggestion = _open(access, row)
    suggestion = replace(suggestion, text=text) if text else suggestion
    if suggestion.evidence is not None:
        return distilled.remember(access, suggestion, suggestion.evidence)
    if suggestion.action == "remember" or _outlives_its_memory(access, suggestion):
        name, grant = suggestion.grant_name, row.grant_id
        source = SourceDraft(vendor="app", account=name, grant_id=grant)
        draft = Draft(suggestion.text, suggestion.kind, suggestion.title, source=source)
        done = memories.remember(access, row.collection_id, draft, confirmed=not row.settled)
    elif suggestion.action == "revise" and row.memory_id:
        said, title = suggestion.text or None, suggestion.title or None
        kind = suggestion.kind
        done = memories.revise(access, row.memory_id, text=said, title=title, kind=kind)
    elif row.memory_id:
        done = memories.forget(access, row.memory_id)
    if not isinstance(done, Memory):
        raise Refused(gettext("Only the owner of the vault may do this."))
    return done


def _outlives_its_memory(access: Access, suggestion: Suggestion) -> bool:
    """New words for a memory that was forgotten meanwhile are a memory of their own."""
    if suggestion.action != "revise" or not suggestion.text or suggestion.memory_id is None:
        return False
    mine = MemoryRow.objects.filter(vault_id=access.vault_id, id=suggestion.memory_id)
    return mine.exclude(forgotten_at=None).exists()


def _shown(access: Access, row: Row) -> Suggestion:
    """One that does not open is shown as such, so that it can be declined."""
    try:
        return _open(access, row)
    except Tampered:
        words = gettext("(This suggestion was altered and cannot be read.)")
        return _suggestion(access, row, words, "fact")


def _open(access: Access, row: Row) -> Suggestion:
    said = letters.read(access, row)
    shown = replace(_suggestion(access, row, said.text, said.kind), title=said.title)
    if said.evidence is None or row.grant_id != distilled.BY:
        return shown
    return replace(shown, grant_name=distilled.ASKER, evidence=said.evidence)


def _suggestion(access: Access, row: Row, text: str, kind: str) -> Suggestion:
    names = Grant.objects.filter(vault_id=access.vault_id, id=row.grant_id)
    return Suggestion(
        id=row.id,
        collection_id=row.collection_id,
        grant_id=row.grant_id,
        grant_name=names.values_list("name", flat=True).first() or "",
        action=cast(SuggestedAction, row.action),
        memory_id=row.memory_id,
        text=text,
        kind=kind_of(kind),
        suggested_at=row.suggested_at,
    )
