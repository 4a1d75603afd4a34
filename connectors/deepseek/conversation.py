"""Reads one DeepSeek conversation: a tree under `mapping`, whose messages are made of fragments.

Who speaks is told by the type of a fragment. An answer may bear an earlier time than its question,
so only the tree says what follows what.
"""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.attached import file_mark, marks_in
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_SAID: dict[str, Role] = {"REQUEST": "user", "RESPONSE": "assistant"}
_NOT_SAID = frozenset(("THINK", "SEARCH"))
_TOOLS, _FILE = "TOOL_", "FILE"
_UNKNOWN = "A part of this message is of a kind that is not known yet."


def is_conversation(entry: object) -> bool:
    """Whether `entry` has the structure of a DeepSeek conversation; ChatGPT's has authors."""
    if not isinstance(entry, dict) or not isinstance(mapping := entry.get("mapping"), dict):
        return False
    found = (node.get("message") for node in mapping.values() if isinstance(node, dict))
    messages = [message for message in found if isinstance(message, dict)]
    if "current_node" in entry or any("author" in message for message in messages):
        return False
    made = any(isinstance(message.get("fragments"), list) for message in messages)
    return made or ("inserted_at" in entry and not messages)


def identity(raw: Json, where: str) -> str:
    return name_in(raw, "id") or stable_id("conversation", where)


def read_conversation(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    if not isinstance(raw.get("mapping"), dict):
        raise ItemError("This conversation came without its messages and was left out.")
    reading = _Reading(identity(raw, where), where)
    nodes = {name: reading.node(name, node) for name, node in raw["mapping"].items()}
    yield from reading.problems
    yield Conversation(
        conversation_id=reading.conversation_id,
        title=name_in(raw, "title"),
        turns=arrange(nodes),
        created_at=moment(raw.get("inserted_at")),
        updated_at=moment(raw.get("updated_at")),
    )


class _Reading:
    """One conversation while it is read."""

    def __init__(self, conversation_id: str, where: str) -> None:
        self.conversation_id, self.where = conversation_id, where
        self.problems: list[Unreadable] = []

    def node(self, name: str, found: object) -> Node:
        holder: Json = found if isinstance(found, dict) else {}
        turn = None
        try:
            message = an_object_in(an_object(found, "message"), "message")
            turn = self._turn(name, message) if message else None
        except ItemError as error:
            self._problem(name, str(error))
        return Node(name_in(holder, "parent") or None, turn)

    def _turn(self, name: str, message: Json) -> Turn | None:
        if not isinstance(message.get("fragments"), list):
            raise ItemError("This message is not in a form that is known.")
        spoken: dict[Role, list[str]] = {}
        shown: list[str] = []
        for fragment in message["fragments"]:
            self._fragment(name, fragment, spoken, shown)
        if len(spoken) > 1:
            raise ItemError("This message is said by two at once and was left out.")
        role, texts = next(iter(spoken.items()), ("user", []))
        text = "\n\n".join(filter(None, [*texts, *shown, *self._files(name, message)]))
        if not text:
            return None
        model = name_in(message, "model") if role == "assistant" else ""
        number = f"{self.conversation_id}/{name}"  # in each conversation they count from 1
        at = moment(message.get("inserted_at"))
        return Turn(number, role, text, position=0, created_at=at, model=model)

    def _fragment(
        self, name: str, found: object, spoken: dict[Role, list[str]], shown: list[str]
    ) -> None:
        try:
            fragment = an_object(found, "part of this message")
            kind = name_in(fragment, "type").upper()
            if kind in _SAID:
                spoken.setdefault(_SAID[kind], []).append(text_in(fragment, "content").strip())
            elif kind == _FILE:
                shown.append(file_mark(name_in(fragment, "file_name")))
            elif kind not in _NOT_SAID and not kind.startswith(_TOOLS):
                raise ItemError(_UNKNOWN)
        except ItemError as error:
            self._problem(name, str(error))

    def _files(self, name: str, message: Json) -> list[str]:
        try:
            return list(marks_in(message, "files"))
        except ItemError as error:
            self._problem(name, str(error))
            return []

    def _problem(self, name: str, reason: str) -> None:
        place = name if name.isdecimal() and len(name) < 10 else "without a number"
        self.problems.append(Unreadable(f"{self.where}, message {place}", reason))
