"""Reads one ChatGPT conversation: a tree of messages under `mapping`."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, an_object_in, name_in
from connectors.base.types import Conversation, Role, Turn, Unreadable
from connectors.openai.content import Assets, text_of
from connectors.openai.remembered import note_message
from connectors.openai.saved import Saved, Sighting

_ROLES: dict[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "system": "system",
}
_HIDDEN_FLAGS = ("is_visually_hidden_from_conversation", "is_user_system_message")
_SAVING = "bio"


def is_conversation(entry: object) -> bool:
    """Whether `entry` has the structure of a ChatGPT conversation, and not a look-alike's."""
    if not isinstance(entry, dict) or not isinstance(mapping := entry.get("mapping"), dict):
        return False
    messages = (node.get("message") for node in mapping.values() if isinstance(node, dict))
    authored = any(isinstance(message, dict) and "author" in message for message in messages)
    return authored or "current_node" in entry


def read_conversation(entry: object, where: str, assets: Assets, saved: Saved) -> Iterator[Record]:
    """The conversation and what of it could not be read; what it saved goes to `saved`."""
    raw = an_object(entry, "entry")
    mapping = raw.get("mapping")
    if not isinstance(mapping, dict):
        raise ItemError("This conversation came without its messages and was left out.")
    forgotten = bool(raw.get("is_do_not_remember"))
    reading = _Reading(raw, where, assets, saved)
    nodes = {} if forgotten else {key: reading.node(key) for key in mapping}
    current = name_in(raw, "current_node") or None
    yield from reading.problems
    yield Conversation(
        conversation_id=reading.conversation_id,
        title=name_in(raw, "title"),
        turns=arrange(nodes, current),
        created_at=moment(raw.get("create_time")),
        updated_at=moment(raw.get("update_time")),
        do_not_remember=forgotten,
    )


def identity(raw: Json) -> str:
    """The conversation's id; one that has none is known by when it began and its first node."""
    given = name_in(raw, "conversation_id", "id")
    mapping = an_object_in(raw, "mapping")
    return given or stable_id("conversation", str(raw.get("create_time")), next(iter(mapping), ""))


class _Reading:
    """One conversation while it is read."""

    def __init__(self, raw: Json, where: str, assets: Assets, saved: Saved) -> None:
        mapping: Json = raw["mapping"]
        self.mapping, self.where, self.conversation_id = mapping, where, identity(raw)
        self.assets, self.saved = assets, saved
        self._began = moment(raw.get("create_time"))
        self.problems: list[Unreadable] = []
        self._ids: set[str] = set()
        self._parents = _parents(mapping)
        self._children: dict[str, list[str]] = {}
        for key, parent in self._parents.items():
            self._children.setdefault(parent or "", []).append(key)

    def node(self, key: str) -> Node:
        turn = None
        try:
            message = _message(self.mapping[key])
            if message:
                turn = self._turn(key, message)
                self._note(key, message, turn)
        except ItemError as error:
            self._problem(key, str(error))
        return Node(self._parents[key], turn)

    def _turn(self, key: str, message: Json) -> Turn | None:
        author = _author(message)
        text, problems = text_of(message, self.assets)
        for problem in problems:
            self._problem(key, problem)
        if not text:
            return None
        metadata = an_object_in(message, "metadata")
        return Turn(
            message_id=self._message_id(key, message),
            role=author.role,
            text=text,
            position=0,
            created_at=moment(message.get("create_time")),
            speaker=author.name,
            model=name_in(metadata, "model_slug"),
            hidden=_hidden(author.role, message, metadata),
        )

    def _message_id(self, key: str, message: Json) -> str:
        given = name_in(message, "id")
        name = given if given and given not in self._ids else key
        self._ids.add(name)
        return name

    def _note(self, key: str, message: Json, turn: Turn | None) -> None:
        answers = [] if name_in(message, "recipient") != _SAVING else self._answers(key)
        sighting = Sighting(
            self.conversation_id,
            turn.message_id if turn else name_in(message, "id") or key,
            moment(message.get("create_time")) or self._began,
            learnt=name_in(message, "recipient") == _SAVING,
        )
        note_message(message, answers, sighting, self.saved)

    def _answers(self, key: str) -> list[Json]:
        below = (_message(self.mapping[child]) for child in self._children.get(key, []))
        return [message for message in below if message and _author(message).role == "tool"]

    def _problem(self, key: str, reason: str) -> None:
        self.problems.append(Unreadable(f"{self.where}, message {key[:80]}", reason))


@dataclass(frozen=True, slots=True)
class _Author:
    role: Role
    name: str


def _author(message: Json) -> _Author:
    author = an_object_in(message, "author")
    role = _ROLES.get(name_in(author, "role"))
    if role is None:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    return _Author(role, name_in(author, "name"))


def _message(node: object) -> Json | None:
    """The message of a node; None for the nodes that only hold the tree together."""
    message = an_object(node, "message").get("message")
    return None if message is None else an_object(message, "message")


def _hidden(role: Role, message: Json, metadata: Json) -> bool:
    return (
        role in ("system", "tool")
        or name_in(message, "recipient") not in ("", "all")
        or name_in(message, "channel") == "analysis"
        or any(metadata.get(flag) for flag in _HIDDEN_FLAGS)
    )


def _parents(mapping: Json) -> dict[str, str | None]:
    """The parent of each node: as it says itself, or else as a node says that lists it as child.
    Real exports leave out one or the other."""
    parents: dict[str, str | None] = {}
    listed: dict[str, str] = {}
    for key, node in mapping.items():
        holder = node if isinstance(node, dict) else {}
        parent = holder.get("parent")
        parents[key] = parent if isinstance(parent, str) and parent in mapping else None
        children = holder.get("children")
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child != key:
                listed.setdefault(child, key)
    return {key: parent or listed.get(key) for key, parent in parents.items()}
