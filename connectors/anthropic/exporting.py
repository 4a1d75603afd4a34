"""Writes conversations and memories in the shape of a Claude export (facts in `conversation`)."""

from datetime import UTC, datetime
from typing import Any

from connectors.base.handing.export_shape import identity
from connectors.base.handing.notes import Note
from connectors.base.handing.spoken import Said, our_id, said_in, times, whole
from connectors.base.types import Conversation, Kind

Json = dict[str, Any]
ACCOUNT = our_id("account")
_ROOT = "00000000-0000-4000-8000-000000000000"
_SENDERS = {"user": "human", "assistant": "assistant"}
_HEADINGS: dict[Kind, str] = {
    "instruction": "Instructions",
    "preference": "Preferences",
    "profile": "Personal context",
    "event": "Events and plans",
    "skill": "Skills",
}
_REST = "Facts"


def conversation(talk: Conversation, now: datetime) -> Json:
    """One conversation with all its branches; the one last seen is the current."""
    began, changed = times(talk, now)
    spoken = said_in(talk)
    last = [said.id for said in spoken if said.turn.branch == 0] or [spoken[-1].id]
    return {
        "uuid": identity(talk),
        "name": whole(talk.title),
        "summary": "",
        "created_at": _iso(began),
        "updated_at": _iso(changed),
        "account": {"uuid": ACCOUNT},
        "current_leaf_message_uuid": last[-1],
        "chat_messages": [_message(said, began) for said in spoken],
    }


def memories(notes: list[Note]) -> Json:
    """What Claude's export says it remembers: bold headings and a bullet for each memory."""
    by_heading: dict[str, list[str]] = {}
    for note in notes:
        heading = _HEADINGS.get(note.kind, _REST)
        by_heading.setdefault(heading, []).append(f"- {note.text}{note.remarks}")
    parts = ["\n".join((f"**{heading}**", *lines)) for heading, lines in by_heading.items()]
    return {"conversations_memory": "\n\n".join(parts), "account_uuid": ACCOUNT}


def _message(said: Said, began: datetime) -> Json:
    at = _iso(said.turn.created_at or began)
    return {
        "uuid": said.id,
        "text": said.text,
        "content": [{"type": "text", "text": said.text, "citations": []}],
        "sender": _SENDERS[said.turn.role],
        "created_at": at,
        "updated_at": at,
        "attachments": [],
        "files": [],
        "parent_message_uuid": said.parent or _ROOT,
    }


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
