"""Reads the newer form: the turns of one chat, each with the answers that were made for it."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_NO_CHAT = "This chat came without its turns and was left out."


def are_turns(entries: list[object]) -> bool:
    """Whether a list holds turns: with an author, and answers in their raw form."""
    return any(_is_turn(entry) for entry in entries)


def is_chat(entry: object) -> bool:
    turns = entry.get("turns") if isinstance(entry, dict) else None
    return isinstance(turns, list) and are_turns(turns)


def read_chat(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read. The page loads the newest turn first."""
    if not isinstance(raw.get("turns"), list):
        raise ItemError(_NO_CHAT)
    numbered = list(enumerate(raw["turns"], 1))
    if _newest_first(raw["turns"]):
        numbered.reverse()
    name = _chat_id(raw) or stable_id("chat", where)
    reading = _Reading(name)
    for number, entry in numbered:
        try:
            reading.add(an_object(entry, "turn"), number)
        except ItemError as error:
            yield Unreadable(f"{where}, turn {number}", str(error))
    turns = arrange(reading.nodes, reading.last)
    times = [turn.created_at for turn in turns if turn.created_at]
    yield Conversation(
        conversation_id=name,
        title=name_in(raw, "name") or reading.character,
        turns=turns,
        created_at=min(times, default=None),
        updated_at=max(times, default=None),
    )


class _Reading:
    """One chat while it is read, in the order of its turns."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.nodes: dict[str, Node] = {}
        self.last: str | None = None
        self.character = ""

    def add(self, turn: Json, number: int) -> None:
        """Each answer; the turn that follows goes on from the one that the person chose."""
        author, found = an_object_in(turn, "author"), a_list_in(turn, "candidates")
        human = author.get("is_human", False)  # left out for a character
        if not isinstance(human, bool):
            raise ItemError("This turn does not say who wrote it and was left out.")
        role: Role = "user" if human else "assistant"
        speaker = "" if human else name_in(author, "name")
        self.character = self.character or speaker
        chosen, before = name_in(turn, "primary_candidate_id"), self.last
        made: dict[str, Node] = {}
        for place, entry in enumerate(found, 1):
            answer = an_object(entry, "answer")
            given = name_in(answer, "candidate_id")
            taken = not given or given in self.nodes or given in made
            key = stable_id("turn", self._name, f"{number}", f"{place}") if taken else given
            at = moment(answer.get("create_time")) or moment(turn.get("create_time"))
            text = text_in(answer, "raw_content").strip()
            said = Turn(key, role, text, position=0, created_at=at, speaker=speaker)
            made[key] = Node(before, said if text else None)
        self.nodes |= made
        if made:
            self.last = chosen if chosen in made else next(reversed(made))


def _is_turn(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("author"), dict):
        return False
    found = entry.get("candidates")
    return isinstance(found, list) and any(
        isinstance(answer, dict) and "raw_content" in answer for answer in found
    )


def _newest_first(turns: list[object]) -> bool:
    times = [moment(turn.get("create_time")) for turn in turns if isinstance(turn, dict)]
    known = [time for time in times if time]
    return len(known) > 1 and known[0] > known[-1]


def _chat_id(raw: Json) -> str:
    for turn in raw["turns"]:
        key = turn.get("turn_key") if isinstance(turn, dict) else None
        if isinstance(key, dict) and (found := name_in(key, "chat_id")):
            return found
    return name_in(raw, "chat_id", "external_id")
