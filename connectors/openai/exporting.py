"""Writes conversations and memories in the shape of a ChatGPT export (facts in `conversation`)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.base.handing.export_shape import identity
from connectors.base.handing.notes import Note
from connectors.base.handing.spoken import Said, our_id, said_in, times, whole
from connectors.base.types import Conversation

Json = dict[str, Any]
_ROOT = "client-created-root"
_SAVED = "Memories"


def conversation(talk: Conversation, now: datetime) -> Json:
    """One conversation with all its branches; the one last seen is the current."""
    began, changed = times(talk, now)
    nodes = {_ROOT: _node(_ROOT, None, None)}
    spoken = said_in(talk)
    for said in spoken:
        nodes[said.id] = _node(said.id, said.parent or _ROOT, _said(said))
    last = [said.id for said in spoken if said.turn.branch == 0] or [spoken[-1].id]
    return _conversation(identity(talk), whole(talk.title), began, changed, nodes, last[-1])


def memories(notes: list[Note], now: datetime) -> Json:
    """The one conversation that carries the saved memories, as ChatGPT's own export does. Each line
    there begins with a day: without one it would be taken for a part of the line before."""
    lines = [
        f"{number}. [{note.day or now.date()}] {note.text}{note.remarks}"
        for number, note in enumerate(notes, 1)
    ]
    content = {"content_type": "model_editable_context", "model_set_context": "\n".join(lines)}
    name = our_id("memories", *(note.id for note in notes))
    message = _message(name, "system", content, now, "")
    message["metadata"]["is_visually_hidden_from_conversation"] = True
    nodes = {_ROOT: _node(_ROOT, None, None), name: _node(name, _ROOT, message)}
    return _conversation(our_id("conversation", name), _SAVED, now, now, nodes, name)


def _conversation(
    name: str, title: str, began: datetime, changed: datetime, nodes: dict[str, Json], current: str
) -> Json:
    for key, node in nodes.items():
        if node["parent"]:
            nodes[node["parent"]]["children"].append(key)
    return {
        "id": name,
        "conversation_id": name,
        "title": title,
        "create_time": began.timestamp(),
        "update_time": changed.timestamp(),
        "current_node": current,
        "mapping": nodes,
    }


def _node(key: str, parent: str | None, message: Json | None) -> Json:
    return {"id": key, "parent": parent, "children": [], "message": message}


def _said(said: Said) -> Json:
    content = {"content_type": "text", "parts": [said.text]}
    turn = said.turn
    return _message(said.id, turn.role, content, turn.created_at, whole(turn.model))


def _message(name: str, role: str, content: Json, at: datetime | None, model: str) -> Json:
    return {
        "id": name,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": at.timestamp() if at else None,
        "content": content,
        "status": "finished_successfully",
        "weight": 1.0,
        "recipient": "all",
        "metadata": {"model_slug": model} if model else {},
    }


def entries(notes: list[Note], talks: Iterator[Conversation], now: datetime) -> Iterator[Json]:
    """What conversations.json holds: the memories first, then each conversation."""
    if notes:
        yield memories(notes, now)
    for talk in talks:
        yield conversation(talk, now)
