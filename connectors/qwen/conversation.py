"""Reads one Qwen chat: a tree of messages by id, in which parents are named."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.attached import mark, marks_in
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_ROLES: dict[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
}
_SAID = frozenset(("", "answer"))
_NOT_SAID = frozenset(
    ("think", "thinking", "thinking_summary", "web_search", "tool", "tool_call", "function")
)
_PICTURES = frozenset(("image_gen", "image_gen_tool", "image_edit_tool", "video_gen"))
_UNKNOWN = "A part of this message is of a kind that is not known yet."


def is_chat(entry: object) -> bool:
    """Whether `entry` is built like a chat; Open WebUI's are, too."""
    if not isinstance(entry, dict) or not isinstance(chat := entry.get("chat"), dict):
        return False
    history = chat.get("history")
    return "id" in entry and isinstance(history, dict) and "messages" in history


def identity(raw: Json, where: str) -> str:
    return name_in(raw, "id") or stable_id("conversation", where)


def read_chat(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    history = an_object_in(an_object_in(raw, "chat"), "history")
    if not isinstance(history.get("messages"), dict):
        raise ItemError("This chat came without its messages and was left out.")
    reading = _Reading(where)
    nodes = {name: reading.node(name, found) for name, found in history["messages"].items()}
    yield from reading.problems
    yield Conversation(
        conversation_id=identity(raw, where),
        title=name_in(raw, "title"),
        turns=arrange(nodes, name_in(history, "currentId", "current_id") or None),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
    )


class _Reading:
    """One chat while it is read."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Unreadable] = []
        self._number = 0

    def node(self, name: str, found: object) -> Node:
        self._number += 1
        turn, holder = None, found if isinstance(found, dict) else {}
        try:
            turn = self._turn(name, an_object(found, "message"))
        except ItemError as error:
            self._problem(str(error))
        return Node(name_in(holder, "parentId", "parent_id") or None, turn)

    def _turn(self, name: str, message: Json) -> Turn | None:
        role = _ROLES.get(name_in(message, "role").lower())
        if role is None:
            raise ItemError("This message is by an author of a kind that is not known yet.")
        said = [*self._answered(message)] or [*self._content(message.get("content"))]
        said += self._files(message)
        text = "\n\n".join(part for part in said if part)
        if not text:
            return None
        model = name_in(message, "modelName", "model") if role == "assistant" else ""
        at, hidden = moment(message.get("timestamp")), role in ("system", "tool")
        return Turn(name, role, text, position=0, created_at=at, model=model, hidden=hidden)

    def _answered(self, message: Json) -> Iterator[str]:
        """The text of an answer that is given in phases; thinking and searching are not said."""
        for found in a_list_in(message, "content_list"):
            try:
                part = an_object(found, "part of this message")
                phase = name_in(part, "phase")
                if phase in _SAID:
                    yield text_in(part, "content").strip()
                elif phase in _PICTURES:
                    yield mark("image")
                elif phase not in _NOT_SAID:
                    raise ItemError(_UNKNOWN)
            except ItemError as error:
                self._problem(str(error))

    def _content(self, content: object) -> Iterator[str]:
        if content is None or isinstance(content, str):
            yield (content or "").strip()
            return
        if not isinstance(content, list):
            raise ItemError("The text of this message is not in a form that is known.")
        for part in content:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                yield part["text"].strip()
            elif isinstance(part, dict) and "image" in str(part.get("type") or [*part]):
                yield mark("image")
            else:
                self._problem(_UNKNOWN)

    def _files(self, message: Json) -> list[str]:
        try:
            return list(marks_in(message, "files"))
        except ItemError as error:
            self._problem(str(error))
            return []

    def _problem(self, reason: str) -> None:
        self.problems.append(Unreadable(f"{self.where}, message {self._number}", reason))
