"""What a model distilled from conversations: posted as suggestions, with the turns it came from.

No grant stands behind them: the owner started it. They are letters like those of grantees, so that
one queue, one way of deciding and one undo serve both.
"""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault import memories, talks
from vault.access import Access
from vault.errors import Refused
from vault.ids import NIL, new_id
from vault.integrity.bound import letter_id
from vault.keys.epochs import epochs, names_key
from vault.keys.keyring import post_letter
from vault.models import CollectionKey
from vault.models import Suggestion as Row
from vault.reviewing import letters, quarantine
from vault.reviewing.letters import Said
from vault.scope import vault_scope
from vault.types import Draft, Evidence, Memory, SourceDraft, Suggestion

BY = NIL
"""Stands for the grant in such a letter's row."""
ASKER = "Distilling"
MOST_WAITING = 1_000
MOST_SOURCES = 8


def post(access: Access, collection_id: UUID, draft: Draft, evidence: Evidence) -> UUID:
    """Let it wait under Review. Within a scope."""
    new, now = new_id(), timezone.now()
    epoch = epochs(access, [collection_id])[collection_id]
    keys = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection_id)
    private = keys.values_list("private_key", flat=True).get(epoch=epoch)
    public = access.keyring.public_half(collection_id, epoch, private)
    data = letters.written(Said(draft.text, draft.kind, "remember", None, False, "", evidence))
    bound = letter_id(new, BY, now)
    Row.objects.create(
        vault_id=access.vault_id,
        id=new,
        collection_id=collection_id,
        grant_id=BY,
        action="remember",
        epoch=epoch,
        letter=post_letter(access.vault_id, collection_id, epoch, public, bound, data),
        suggested_at=now,
    )
    return new


def waiting(access: Access) -> int:
    """How many wait for the owner's word."""
    with vault_scope(access.vault_id):
        return _mine(access).count()


def texts_waiting(access: Access) -> list[str]:
    """The words of those that wait and open with these keys, the newest first."""
    with vault_scope(access.vault_id):
        rows = _mine(access).filter(collection_id__in=access.visible).order_by("-suggested_at")
        return [letters.read(access, row).text for row in rows[:MOST_WAITING]]


def mark(access: Access, collection_id: UUID, essence: str) -> bytes:
    """The keyed fingerprint by which a proposal is known again, whatever was said to it. It tells
    nothing, and outlives the collection's keys."""
    name = b"distilled\0" + essence.encode("utf-8", "surrogatepass")
    return names_key(access, collection_id).mac(name)


def warnings(suggestion: Suggestion) -> tuple[str, ...]:
    """What speaks against its words, by the codes of `quarantine`: told beside it, since its
    owner's yes lets it in at once."""
    return quarantine.warnings(suggestion.text, suggestion.kind)


def remember(access: Access, suggestion: Suggestion, evidence: Evidence) -> Memory:
    """Carry it out: a memory whose sources are the turns it came from, as far as they are there."""
    draft = Draft(suggestion.text, suggestion.kind, occurred_at=evidence.occurred_at)
    found = [_source(turn, evidence) for turn in talks.cited(access, evidence.lines)[:MOST_SOURCES]]
    done: Memory | Suggestion | None = None
    for source in found or [SourceDraft(vendor="distilled", account=evidence.model)]:
        done = memories.remember(access, suggestion.collection_id, replace(draft, source=source))
    if not isinstance(done, Memory):
        raise Refused(gettext("Only the owner of the vault may do this."))
    return done


def _source(turn: Memory, evidence: Evidence) -> SourceDraft:
    seen = turn.sources[0] if turn.sources else None
    return SourceDraft(
        vendor=seen.vendor if seen else "distilled",
        account=f"distilled by {evidence.model}",
        conversation_id=seen.conversation_id if seen else "",
        conversation_title=seen.conversation_title if seen else "",
        message_id=seen.message_id if seen else "",
    )


def _mine(access: Access) -> QuerySet[Row]:
    return Row.objects.filter(vault_id=access.vault_id, grant_id=BY)
