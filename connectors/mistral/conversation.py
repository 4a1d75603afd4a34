"""Reads the messages of a Le Chat chat: by their times, as the file holds them in no order.

`content` repeats the text of `contentChunks`; where there are chunks, they are the text. A chat has
no title: it is called as its first question begins. Of a message in several versions the last is in
the thread, and the others are branches; that has not been seen yet.
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.attached import file_mark, mark, marks_in, title_of
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_ROLES: dict[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
}
_NOT_SAID = frozenset(("tool_call", "reference", "custom_element", "canva", "thinking"))
_LONG_AGO = 0.0


def is_message(entry: object) -> bool:
    """Whether `entry` has the structure of a Le Chat message."""
    if not isinstance(entry, dict) or not {"chatId", "role", "content"} <= entry.keys():
        return False
    return "contentChunks" in entry or "createdAt" in entry


class Chats:
    """The chats of one file, which is called `name`: one, unless somebody joined files."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._chats: dict[str, list[tuple[Turn, int]]] = {}
        self._ids: set[str] = set()

    def add(self, entry: object, where: str) -> Iterator[Record]:
        """Take one message; what of it could not be read is yielded."""
        problems: list[str] = []
        try:
            message = an_object(entry, "message")
            chat = name_in(message, "chatId") or stable_id("chat", self._name)
            turn = _turn(message, chat, problems)
            if turn and turn.message_id not in self._ids:
                self._ids.add(turn.message_id)
                self._chats.setdefault(chat, []).append((turn, _version(message)))
        except ItemError as error:
            problems.append(str(error))
        yield from (Unreadable(where, problem) for problem in problems)

    def conversations(self) -> Iterator[Conversation]:
        for chat, said in self._chats.items():
            yield _conversation(chat, said)


def _turn(message: Json, chat: str, problems: list[str]) -> Turn | None:
    role = _ROLES.get(name_in(message, "role").lower())
    if role is None:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    said = [_text(message, problems)]
    try:
        said += [*marks_in(message, "files"), *_canvases(message)]
    except ItemError as error:
        problems.append(str(error))
    text = "\n\n".join(part for part in said if part)
    if not text:
        return None
    given, version, at = name_in(message, "id"), _version(message), moment(message.get("createdAt"))
    name = given or stable_id("message", chat, role, str(message.get("createdAt")), text)
    name = f"{name}/{version}" if version else name
    hidden = role in ("system", "tool")
    return Turn(name, role, text, position=0, created_at=at, hidden=hidden)


def _version(message: Json) -> int:
    version = message.get("version")
    return version if isinstance(version, int) and 0 < version < 1_000_000 else 0


def _text(message: Json, problems: list[str]) -> str:
    texts: list[str] = []
    shown: list[str] = []
    for found in a_list_in(message, "contentChunks"):
        try:
            chunk = an_object(found, "part of this message")
            kind = name_in(chunk, "type")
            if kind == "text":
                texts.append(text_in(chunk, "text"))
            elif kind == "image_url":
                shown.append(mark("image"))
            elif kind == "file_reference":
                shown.append(file_mark(name_in(chunk, "fileReference")))
            elif kind not in _NOT_SAID:
                raise ItemError("A part of this message is of a kind that is not known yet.")
        except ItemError as error:
            problems.append(str(error))
    said = "".join(texts).strip() or text_in(message, "content").strip()
    return "\n\n".join(part for part in (said, *shown) if part)


def _canvases(message: Json) -> Iterator[str]:
    for canvas in a_list_in(message, "canvas"):
        yield mark("artifact", name_in(an_object(canvas, "canvas"), "title"))


def _conversation(chat: str, said: list[tuple[Turn, int]]) -> Conversation:
    ordered = _in_time(said)
    newest: dict[str, int] = {}
    for turn, version in ordered:
        bare = _bare(turn, version)
        newest[bare] = max(version, newest.get(bare, 0))
    nodes: dict[str, Node] = {}
    parents: dict[str, str | None] = {}
    last: str | None = None
    for turn, version in ordered:
        bare = _bare(turn, version)
        parent = parents.setdefault(bare, last)
        nodes[turn.message_id] = Node(parent, turn)
        if version == newest[bare]:
            last = turn.message_id
    turns = arrange(nodes, last)
    times = [turn.created_at for turn in turns if turn.created_at]
    asked = next((turn.text for turn in turns if turn.role == "user"), "")
    begun, changed = (min(times), max(times)) if times else (None, None)
    return Conversation(chat, title_of(asked), turns, begun, changed)


def _bare(turn: Turn, version: int) -> str:
    return turn.message_id.removesuffix(f"/{version}") if version else turn.message_id


def _in_time(said: list[tuple[Turn, int]]) -> list[tuple[Turn, int]]:
    """By time; at equal times the question comes first, and without one it stays where it was."""
    keyed = []
    last = _LONG_AGO
    for place, (turn, version) in enumerate(said):
        last = _seconds(turn.created_at, last)
        keyed.append(((last, turn.role != "user", version, place), turn, version))
    return [(turn, version) for _, turn, version in sorted(keyed, key=lambda one: one[0])]


def _seconds(at: datetime | None, otherwise: float) -> float:
    return at.timestamp() if at else otherwise
