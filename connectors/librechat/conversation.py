"""Reads one conversation of LibreChat: its messages in a list or in a tree."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_NO_PARENT = "00000000-0000-0000-0000-000000000000"
_PARENT, _CHILDREN = "parentMessageId", "children"
_SILENT = frozenset(("think", "tool_call", "agent_update", "error", "summary"))
_PICTURES = {"image_file": "[image]", "image_url": "[image]", "video_url": "[video]"}
_PICTURES |= {"input_audio": "[audio]"}
_NAME_LENGTH = 120


def read_conversation(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    reading = _Reading(name_in(raw, "conversationId") or stable_id("conversation", where), where)
    if raw.get("messagesTree") is not None:
        reading.take_tree(a_list_in(raw, "messagesTree"))
    elif isinstance(raw.get("messages"), dict):
        reading.take_tree([raw["messages"]])
    else:
        reading.take_list(a_list_in(raw, "messages"))
    yield from reading.problems
    turns = arrange(reading.nodes)
    times = [turn.created_at for turn in turns if turn.created_at]
    yield Conversation(
        conversation_id=reading.name,
        title=name_in(raw, "title"),
        turns=turns,
        created_at=min(times, default=None),
        updated_at=max(times, default=None),
    )


class _Reading:
    """One conversation while it is read."""

    def __init__(self, name: str, where: str) -> None:
        self.name, self._where = name, where
        self.nodes: dict[str, Node] = {}
        self.problems: list[Unreadable] = []
        self._number = 0

    def take_list(self, messages: list[object]) -> None:
        """A message without a parent's id follows the one before it."""
        last: str | None = None
        for message in messages:
            given = message.get(_PARENT) if isinstance(message, dict) else None
            parent = last if given is None else None if given == _NO_PARENT else f"{given}"
            last, _ = self._take(message, parent)

    def take_tree(self, roots: list[object]) -> None:
        """Without recursion: a tree is as deep as its conversation is long."""
        waiting: list[tuple[object, str | None]] = [(root, None) for root in reversed(roots)]
        while waiting:
            message, parent = waiting.pop()
            name, children = self._take(message, parent)
            waiting += [(child, name) for child in reversed(children)]

    def _take(self, message: object, parent: str | None) -> tuple[str, list[object]]:
        self._number += 1
        name = stable_id("message", self.name, str(self._number))
        turn, children = None, list[object]()
        try:
            held = an_object(message, "message")
            given = name_in(held, "messageId")
            name = given if given and given not in self.nodes else name
            children = _children(held)
            turn = _turn(held, name)
        except ItemError as error:
            place = f"{self._where}, message {self._number}"
            self.problems.append(Unreadable(place, str(error)))
        self.nodes[name] = Node(parent, turn)
        return name, children


def _children(message: Json) -> list[object]:
    return list(a_list_in(message, _CHILDREN))


def _turn(message: Json, name: str) -> Turn | None:
    if not isinstance(message.get("isCreatedByUser"), bool):
        raise ItemError("This message does not say who wrote it and was left out.")
    role: Role = "user" if message["isCreatedByUser"] else "assistant"
    if message.get("error"):
        return None
    shown = [_file(an_object(file, "file")) for file in a_list_in(message, "files")]
    text = "\n\n".join(text for text in (*_said(message), *shown) if text)
    if not text:
        return None
    at = moment(message.get("createdAt"))
    model = (name_in(message, "model") or name_in(message, "sender")) if role != "user" else ""
    return Turn(name, role, text, position=0, created_at=at, model=model)


def _said(message: Json) -> list[str]:
    """The parts of the message; where there are none, its flat text."""
    content = message.get("content")
    if not isinstance(content, list) or not content:
        return [text_in(message, "text").strip()]
    return [_part(an_object(part, "part of this message")) for part in content if part is not None]


def _part(part: Json) -> str:
    kind = name_in(part, "type")
    if kind == "text":
        held = part.get("text")
        return (text_in(held, "value") if isinstance(held, dict) else text_in(part, "text")).strip()
    if kind in _SILENT:
        return ""
    if kind not in _PICTURES:
        raise ItemError("A part of this message is of a kind that is not known yet.")
    return _PICTURES[kind]


def _file(file: Json) -> str:
    if name_in(file, "type").startswith("image/"):
        return "[image]"
    name = " ".join(name_in(file, "filename").split())[:_NAME_LENGTH]
    return f"[file: {name}]" if name else "[file]"
