"""Reads one Claude conversation: a list of messages that name their parents."""

from collections.abc import Iterator

from connectors.anthropic.content import attachments, text_of
from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, name_in
from connectors.base.types import Conversation, Item, Role, Turn, Unreadable

_ROLES: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}
_PARENT = "parent_message_uuid"


def is_conversation(entry: object) -> bool:
    """Whether `entry` has the structure of a Claude conversation, current or old."""
    if not isinstance(entry, dict) or "uuid" not in entry:
        return False
    return any(isinstance(entry.get(key), list) for key in ("chat_messages", "messages"))


def read_conversation(entry: object, where: str) -> Iterator[Record]:
    """The conversation, what was pasted into it, and what of it could not be read."""
    raw = an_object(entry, "entry")
    key = "chat_messages" if "chat_messages" in raw else "messages"
    if not isinstance(raw.get(key), list):
        raise ItemError("This conversation came without its messages and was left out.")
    reading = _Reading(raw, where)
    for number, message in enumerate(raw[key], 1):
        reading.add(number, message)
    yield from reading.problems
    yield Conversation(
        conversation_id=reading.conversation_id,
        title=name_in(raw, "name"),
        turns=arrange(reading.nodes, name_in(raw, "current_leaf_message_uuid") or None),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
    )
    yield from reading.pasted


def identity(raw: Json) -> str:
    """The conversation's id; one that has none is known by when it began."""
    return name_in(raw, "uuid") or stable_id("conversation", name_in(raw, "created_at"))


class _Reading:
    """One conversation while it is read."""

    def __init__(self, raw: Json, where: str) -> None:
        self.where, self.conversation_id = where, identity(raw)
        self.nodes: dict[str, Node] = {}
        self.problems: list[Unreadable] = []
        self.pasted: list[Item] = []
        self._model = name_in(raw, "model")
        self._last: str | None = None

    def add(self, number: int, message: object) -> None:
        name = ""
        turn, parent = None, self._last
        try:
            holder = an_object(message, "message")
            name = self._name(number, holder)
            # Exports before about 2025 have no parents: there, one message follows the other.
            parent = name_in(holder, _PARENT) or None if _PARENT in holder else self._last
            turn = self._turn(number, name, holder)
        except ItemError as error:
            self._problem(number, str(error))
        self._last = name or self._name(number, {})
        self.nodes[self._last] = Node(parent, turn)

    def _turn(self, number: int, name: str, message: Json) -> Turn | None:
        role = _ROLES.get(name_in(message, "sender", "role"))
        if role is None:
            raise ItemError("This message is by an author of a kind that is not known yet.")
        text, problems = text_of(message)
        for problem in problems:
            self._problem(number, problem)
        created_at = moment(message.get("created_at"))
        self._keep_pasted(name, message)
        if not text:
            return None
        model = name_in(message, "model") or (self._model if role == "assistant" else "")
        return Turn(name, role, text, position=0, created_at=created_at, model=model)

    def _keep_pasted(self, name: str, message: Json) -> None:
        for number, (title, text) in enumerate(attachments(message), 1):
            if text.strip():
                item = Item(
                    text=text,
                    kind="document",
                    remote_id=f"{name}/attachment-{number}",
                    title=title,
                    created_at=moment(message.get("created_at")),
                    conversation_id=self.conversation_id,
                    message_id=name,
                )
                self.pasted.append(item)

    def _name(self, number: int, message: Json) -> str:
        given = name_in(message, "uuid")
        if given and given not in self.nodes:
            return given
        return stable_id("message", self.conversation_id, str(number))

    def _problem(self, number: int, reason: str) -> None:
        self.problems.append(Unreadable(f"{self.where}, message {number}", reason))
