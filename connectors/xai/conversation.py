"""Reads one Grok conversation: a list of responses, the person's too, that name their parents."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, an_object_in, name_in
from connectors.base.types import Conversation, Role, Turn, Unreadable
from connectors.xai.content import text_of
from connectors.xai.mongo import id_in, time_in

_ROLES: dict[str, Role] = {
    "human": "user",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
}
_MODEL = "grok"  # some answers name the model as their sender: "grok-3"


def is_conversation(entry: object) -> bool:
    """Whether `entry` has the structure of a Grok conversation."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("conversation"), dict)
        and isinstance(entry.get("responses"), list)
    )


def read_conversation(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    head = an_object_in(raw, "conversation")
    reading = _Reading(identity(raw, where), where)
    for number, response in enumerate(raw["responses"], 1):
        reading.add(number, response)
    yield from reading.problems
    yield Conversation(
        conversation_id=reading.conversation_id,
        title=name_in(head, "title"),
        turns=arrange(reading.nodes, id_in(head, "leaf_response_id") or None),
        created_at=time_in(head, "create_time"),
        updated_at=time_in(head, "modify_time"),
    )


def identity(raw: Json, where: str) -> str:
    """The conversation's id; one that has none is known by its messages', or by its place."""
    if not isinstance(raw.get("responses"), list):
        raise ItemError("This conversation came without its messages and was left out.")
    wrapped = [entry for entry in raw["responses"] if isinstance(entry, dict)]
    responses = [entry["response"] for entry in wrapped if isinstance(entry.get("response"), dict)]
    named = (id_in(response, "conversation_id") for response in responses)
    return (
        id_in(an_object_in(raw, "conversation"), "id")
        or next(filter(None, named), "")
        or stable_id("conversation", where)
    )


class _Reading:
    """One conversation while it is read."""

    def __init__(self, conversation_id: str, where: str) -> None:
        self.conversation_id, self.where = conversation_id, where
        self.nodes: dict[str, Node] = {}
        self.problems: list[Unreadable] = []
        self._last: str | None = None
        self._linked = False

    def add(self, number: int, entry: object) -> None:
        response: Json = {}
        turn = None
        try:
            response = an_object(an_object(entry, "message").get("response"), "message")
            turn = self._turn(number, response)
        except ItemError as error:
            self._problem(number, str(error))
        name = self._name(number, response)
        self.nodes[name] = Node(self._parent(response), turn)
        self._last = name

    def _turn(self, number: int, response: Json) -> Turn | None:
        sender = name_in(response, "sender").strip().lower()
        role = "assistant" if sender.startswith(_MODEL) else _ROLES.get(sender)
        if role is None:
            raise ItemError("This message is by an author of a kind that is not known yet.")
        text, problems = text_of(response)
        for problem in problems:
            self._problem(number, problem)
        if not text:
            return None
        name, created_at = self._name(number, response), time_in(response, "create_time")
        model = name_in(response, "model") if role == "assistant" else ""
        return Turn(name, role, text, position=0, created_at=created_at, model=model)

    def _name(self, number: int, response: Json) -> str:
        given = id_in(response, "_id")
        if given and given not in self.nodes:
            return given
        return stable_id("message", self.conversation_id, str(number))

    def _parent(self, response: Json) -> str | None:
        """The parent named; before anything names one, one message follows the other."""
        given = id_in(response, "parent_response_id")
        self._linked = self._linked or bool(given)
        return given or (None if self._linked else self._last)

    def _problem(self, number: int, reason: str) -> None:
        self.problems.append(Unreadable(f"{self.where}, message {number}", reason))
