"""From a vendor's neutral values to drafts of memories. Pure: no database, no keys."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from connectors.base.types import Conversation, Item, Turn
from vault.text import LONGEST, clean
from vault.types import Draft, SourceDraft

_SPOKEN = ("user", "assistant")
_PAST = {("superseded", "yes"), ("enabled", "no")}
"""What no longer holds at the vendor comes along to be found, but does not stand in a context."""


def drafts_of(
    value: Item | Conversation, *, vendor: str, account: str, import_id: UUID
) -> Iterator[Draft]:
    """One draft for a saved memory; one for each turn of a conversation that somebody spoke."""
    source = SourceDraft(vendor=vendor, account=account, import_id=import_id)
    if isinstance(value, Item):
        yield _from_item(value, source)
    elif not value.do_not_remember:
        for turn in value.turns:
            if turn.role in _SPOKEN and not turn.hidden and clean(turn.text):
                yield _from_turn(value, turn, source)


def _from_item(item: Item, source: SourceDraft) -> Draft:
    return Draft(
        text=clean(item.text)[:LONGEST],
        kind="document" if _PAST & item.metadata.items() else item.kind,
        title=item.title,
        occurred_at=item.created_at or item.updated_at,
        role="user",
        pinned=item.pinned,
        valid_from=item.valid_from,
        valid_until=item.valid_until,
        source=replace(
            source,
            key=f"item:{item.remote_id}",
            conversation_id=item.conversation_id,
            conversation_title=item.title,
            message_id=item.message_id,
        ),
    )


def _from_turn(conversation: Conversation, turn: Turn, source: SourceDraft) -> Draft:
    talk = conversation.conversation_id
    return Draft(
        text=clean(turn.text)[:LONGEST],
        kind="episode",
        title=conversation.title,
        occurred_at=turn.created_at or conversation.created_at,
        role=turn.role,
        speaker=turn.speaker,
        conversation=f"{source.vendor}\0{source.account}\0{talk}\0{turn.branch}",
        position=turn.position,
        branch=turn.branch,
        source=replace(
            source,
            key=f"turn:{talk}:{turn.message_id}",
            conversation_id=talk,
            conversation_title=conversation.title,
            message_id=turn.message_id,
        ),
    )
