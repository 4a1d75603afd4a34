"""What an agent and its person said, out of the messages in an agent file.

Letta wraps what people say in JSON, and agents of older kinds speak by calling a tool.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant"}
_SILENT = frozenset(("system", "tool", "approval", "summary"))
_SPEAKS = "send_message"
_SAID = "user_message"


def talk(agent: str, messages: list[Any], where: str) -> Iterator[Record]:
    """The conversation, where anything was said, and what of it could not be read."""
    nodes: dict[str, Node] = {}
    last: str | None = None
    for number, entry in enumerate(messages, 1):
        try:
            turn = _turn(agent, an_object(entry, "message"), number)
        except ItemError as error:
            yield Unreadable(f"{where}, message {number}", str(error))
            continue
        if turn is not None and turn.message_id not in nodes:
            nodes[turn.message_id], last = Node(last, turn), turn.message_id
    turns = arrange(nodes, last)
    if turns:
        times = [turn.created_at for turn in turns if turn.created_at]
        yield Conversation(
            stable_id("agent", agent),
            agent,
            turns,
            created_at=min(times, default=None),
            updated_at=max(times, default=None),
        )


def _turn(agent: str, raw: Json, number: int) -> Turn | None:
    """Its id is made of when and what: the file's are numbers, and only the last 50 are in it."""
    sort = text_in(raw, "role")
    if sort in _SILENT:
        return None
    if sort not in _ROLES:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    text = _text(raw, sort).strip()
    if not text:
        return None
    when = text_in(raw, "created_at")
    id = stable_id("message", agent, when or str(number), sort, text)
    at, model = moment(when), name_in(raw, "model") if sort == "assistant" else ""
    return Turn(id, _ROLES[sort], text, position=0, created_at=at, model=model)


def _text(raw: Json, role: str) -> str:
    written = "\n\n".join(_parts(raw))
    if role == "user":
        return _unwrapped(written)
    spoken = [_spoken(call) for call in a_list_in(raw, "tool_calls")]
    said = "\n\n".join(filter(None, spoken))
    return said or ("" if spoken else written)


def _parts(raw: Json) -> Iterator[str]:
    """Text alone: reasoning is no part of what was said."""
    content = raw.get("content", raw.get("text"))
    if isinstance(content, str):
        yield content
        return
    for part in a_list_in({"content": content}, "content"):
        said = an_object(part, "part")
        if said.get("type", "text") == "text":
            yield text_in(said, "text")


def _unwrapped(text: str) -> str:
    """What the person said; "" for what Letta tells its agents in their name."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return text
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return text
    said = found.get("message")
    if found["type"] == _SAID and isinstance(said, str):
        return said
    return "" if {"type", "time"} <= found.keys() else text


def _spoken(call: object) -> str:
    """What an agent said by calling its tool for it; "" for any other call."""
    function = an_object_in(an_object(call, "call"), "function")
    if text_in(function, "name") != _SPEAKS:
        return ""
    try:
        said = json.loads(text_in(function, "arguments"))
    except (ValueError, RecursionError):
        raise ItemError("What was said here is not in a form that is known.") from None
    return text_in(said, "message") if isinstance(said, dict) else ""
