"""Reads one chat of Open WebUI: messages by their ids, that name their parents."""

import re
from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_NOBODY = frozenset(("system", "tool"))
_PICTURES = {"image": "[image]", "collection": "", "note": "", "chat": "", "folder": ""}
_NAME_LENGTH = 120
_OPENING = re.compile(r'<details\s+type="(?:reasoning|tool_calls|code_interpreter)"[^<>]*+>')
_CLOSING = "</details>"


def is_chat(entry: object) -> bool:
    """Whether `entry` is a chat as Open WebUI's server gives it."""
    if not isinstance(entry, dict) or not {"id", "user_id", "chat"} <= entry.keys():
        return False
    chat = entry["chat"]
    history = chat.get("history") if isinstance(chat, dict) else None
    return isinstance(history, dict) and isinstance(history.get("messages"), dict)


def identity(raw: Json, where: str) -> str:
    return name_in(raw, "id") or stable_id("chat", where)


def read_chat(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    name = identity(raw, where)
    chat = an_object_in(raw, "chat")
    history = an_object_in(chat, "history")
    if not isinstance(history.get("messages"), dict):
        raise ItemError("This chat came without its messages and was left out.")
    nodes: dict[str, Node] = {}
    for number, (key, message) in enumerate(history["messages"].items(), 1):
        try:
            held = an_object(message, "message")
            nodes[key] = Node(name_in(held, "parentId") or None)
            nodes[key] = Node(nodes[key].parent, _turn(held, key))
        except ItemError as error:
            nodes.setdefault(key, Node(None))
            yield Unreadable(f"{where}, message {number}", str(error))
    yield Conversation(
        conversation_id=name,
        title=name_in(raw, "title") or name_in(chat, "title"),
        turns=arrange(nodes, name_in(history, "currentId") or None),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
    )


def _turn(message: Json, key: str) -> Turn | None:
    kind = name_in(message, "role")
    if kind in _NOBODY:
        return None
    if kind not in _ROLES:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    role = _ROLES[kind]
    shown = [_file(an_object(file, "file")) for file in a_list_in(message, "files")]
    texts = [_said(message, role), *shown]
    text = "\n\n".join(text for text in texts if text)
    if not text:
        return None
    model = name_in(message, "model") if role == "assistant" else ""
    at = moment(message.get("timestamp"))
    return Turn(key, role, text, position=0, created_at=at, model=model)


def _said(message: Json, role: Role) -> str:
    content = message.get("content")
    if isinstance(content, list):
        parts = [an_object(part, "part of this message") for part in content]
        return "\n\n".join(text_in(part, "text").strip() for part in parts if "text" in part)
    text = text_in(message, "content")
    return (_without_details(text) if role == "assistant" else text).strip()


def _without_details(text: str) -> str:
    """An answer without what the page folds away in it: reasoning, and calls of tools."""
    kept, at = list[str](), 0
    while found := _OPENING.search(text, at):
        end = text.find(_CLOSING, found.end())
        if end < 0:
            break
        kept.append(text[at : found.start()])
        at = end + len(_CLOSING)
    return "".join([*kept, text[at:]])


def _file(file: Json) -> str:
    kind = name_in(file, "type")
    if kind in _PICTURES:
        return _PICTURES[kind]
    name = " ".join(name_in(file, "name").split())[:_NAME_LENGTH]
    return f"[file: {name}]" if name else "[file]"
