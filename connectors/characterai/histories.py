"""Reads the older form: a character and every history that the person had with it."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_BY_PERSON = "src__is_human"


def is_dump(entry: object) -> bool:
    held = entry.get("histories") if isinstance(entry, dict) else None
    histories = held.get("histories") if isinstance(held, dict) else None
    listed = histories if isinstance(histories, list) else []
    first = next((one for one in listed if isinstance(one, dict)), None)
    return first is not None and isinstance(first.get("msgs"), list)


def read_dump(raw: Json, where: str) -> Iterator[Record]:
    """Each history as a conversation, and what of them could not be read."""
    character = _character(raw)
    for number, entry in enumerate(a_list_in(an_object_in(raw, "histories"), "histories"), 1):
        place = f"{where}, history {number}"
        try:
            yield from _history(an_object(entry, "history"), character, place)
        except ItemError as error:
            yield Unreadable(place, str(error))


def _character(raw: Json) -> str:
    info = raw.get("info")
    character = info.get("character") if isinstance(info, dict) else None
    return name_in(character, "name") if isinstance(character, dict) else ""


def _history(raw: Json, character: str, where: str) -> Iterator[Record]:
    if not isinstance(raw.get("msgs"), list):
        raise ItemError("This history came without its messages and was left out.")
    begun = moment(raw.get("created"))
    name = name_in(raw, "external_id") or stable_id("history", character, f"{raw.get('created')}")
    reading = _Reading(name, character, where)
    for number, entry in enumerate(raw["msgs"], 1):
        reading.add(number, entry)
    yield from reading.problems
    yield Conversation(
        conversation_id=name,
        title=character,
        turns=arrange(reading.nodes, reading.last),
        created_at=begun,
        updated_at=moment(raw.get("last_interaction")) or begun,
    )


class _Reading:
    """One history while it is read. An alternative is an answer that nothing goes on from."""

    def __init__(self, name: str, character: str, where: str) -> None:
        self._name, self._character, self._where = name, character, where
        self.nodes: dict[str, Node] = {}
        self.last: str | None = None
        self.problems: list[Unreadable] = []

    def add(self, number: int, entry: object) -> None:
        key = stable_id("message", self._name, str(number))
        turn, alternative = None, False
        try:
            message = an_object(entry, "message")
            given = name_in(message, "uuid", "id")
            key = given if given and given not in self.nodes else key
            alternative = message.get("is_alternative") is True
            turn = _turn(message, key, self._character)
        except ItemError as error:
            self.problems.append(Unreadable(f"{self._where}, message {number}", str(error)))
        self.nodes[key] = Node(self.last, turn)
        self.last = self.last if alternative else key


def _turn(message: Json, key: str, character: str) -> Turn | None:
    source = an_object_in(message, "src")
    human = source.get("is_human", message.get(_BY_PERSON))
    if not isinstance(human, bool):
        raise ItemError("This message does not say who wrote it and was left out.")
    role: Role = "user" if human else "assistant"
    text = text_in(message, "text").strip()
    speaker = "" if human else name_in(source, "name") or name_in(message, "src__name") or character
    at = moment(message.get("created"))
    return Turn(key, role, text, position=0, created_at=at, speaker=speaker) if text else None
