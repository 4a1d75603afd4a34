"""Reads one session of Gemini CLI: a JSON document, or since 2026 lines that tell its changes.

Source: github.com/google-gemini/gemini-cli (packages/core/src/services/chatRecordingTypes.ts and
chatRecordingService.ts; packages/core/src/core/logger.ts for saved checkpoints), August 2026.
"""

from collections.abc import Iterator
from typing import Any

from connectors.agents.spoken import shown
from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.reading.json_lines import lines
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in
from connectors.base.types import Conversation, Role, Turn, Unreadable
from connectors.google.cli_words import words

_ROLES: dict[str, Role] = {"user": "user", "gemini": "assistant", "model": "assistant"}
_BY_THE_PROGRAM = frozenset(("info", "error", "warning"))
_HEADS = frozenset(("sessionId", "projectHash"))
_HELPER = "subagent"
_SETS_UP = ("This is the Gemini CLI.", "<session_context>")


def is_session(entry: object) -> bool:
    """Whether `entry` is a session, or the first line of one."""
    return isinstance(entry, dict) and entry.keys() >= _HEADS


def is_checkpoint(entry: object) -> bool:
    """Whether `entry` is a saved checkpoint: a history that the program itself began."""
    history = entry.get("history") if isinstance(entry, dict) else entry
    first = history[0] if isinstance(history, list) and history else None
    parts = first.get("parts") if isinstance(first, dict) else None
    part = parts[0] if isinstance(parts, list) and parts else None
    text = part.get("text") if isinstance(part, dict) else None
    return isinstance(text, str) and text.lstrip().startswith(_SETS_UP)


def read_session(file: File) -> Iterator[Record]:
    """The conversation, and what of it could not be read; none of one that a helper had."""
    session = _Session(file.where)
    for number, value in enumerate(lines(file), 1):
        if isinstance(value, Unreadable):
            yield value
            continue
        try:
            session.apply(an_object(value, "line"))
        except ItemError as error:
            yield Unreadable(f"{file.where}, entry {number}", str(error))
    yield from session.records()


def read_document(value: Any, where: str) -> Iterator[Record]:
    """Of a session in one document."""
    session = _Session(where)
    session.apply(value)
    yield from session.records()


def read_checkpoint(value: Any, file: File) -> Iterator[Record]:
    """A checkpoint has no id but its name, no times, and no ids of messages."""
    history = a_list_in(value, "history") if isinstance(value, dict) else value
    name = stable_id("checkpoint", file.name)
    session = _Session(file.where)
    title = file.name.removesuffix(".json")
    session.apply({"sessionId": name, "messages": history, "summary": title})
    yield from session.records()


class _Session:
    """One session while its changes are read."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._head: Json = {}
        self._messages: dict[str, object] = {}

    def apply(self, line: Json) -> None:
        """One line: the head, a message or a newer copy of it, or a change to what came before."""
        if "$rewindTo" in line:
            self._rewind(name_in(line, "$rewindTo"))
        elif "$set" in line:
            self._set(an_object_in(line, "$set"))
        elif "sessionId" in line:
            self._set(line)
        elif "id" in line:
            self._messages[name_in(line, "id")] = line
        else:
            raise ItemError("This entry is of a kind that is not known yet.")

    def records(self) -> Iterator[Record]:
        problems: list[Unreadable] = []
        turns: list[Turn] = []
        for number, (name, message) in enumerate(self._messages.items(), 1):
            try:
                turns += self._turn(name, an_object(message, "message"), turns)
            except ItemError as error:
                problems.append(Unreadable(f"{self._where}, message {number}", str(error)))
        yield from problems
        if turns and self._head.get("kind") != _HELPER:
            yield self._conversation(tuple(turns))

    def _set(self, changes: Json) -> None:
        self._head |= changes
        self._head.pop("messages", None)
        if "messages" in changes:
            self._messages = {}
            for number, message in enumerate(a_list_in(changes, "messages"), 1):
                name = name_in(message, "id") if isinstance(message, dict) else ""
                if not name or name in self._messages:
                    name = stable_id("message", name_in(self._head, "sessionId"), str(number))
                self._messages[name] = message

    def _rewind(self, to: str) -> None:
        """The person went back to before this message; to one that is not there, to the start."""
        kept = list(self._messages)
        kept = kept[: kept.index(to)] if to in self._messages else []
        self._messages = {name: self._messages[name] for name in kept}

    def _turn(self, name: str, message: Json, before: list[Turn]) -> list[Turn]:
        kind = name_in(message, "type", "role")
        if kind in _BY_THE_PROGRAM:
            return []
        if kind not in _ROLES:
            raise ItemError("This message is by an author of a kind that is not known yet.")
        role, parent = _ROLES[kind], before[-1].message_id if before else ""
        said = message.get("displayContent") or message.get("content") or message.get("parts")
        text = words(said, by_person=role == "user")
        if not text:
            return []
        at = moment(message.get("timestamp"))
        model = name_in(message, "model") if role == "assistant" else ""
        made = Turn(name, role, text, len(before), created_at=at, model=model, parent_id=parent)
        return [made]

    def _conversation(self, turns: tuple[Turn, ...]) -> Conversation:
        asked = next((turn.text for turn in turns if turn.role == "user"), "")
        return Conversation(
            conversation_id=name_in(self._head, "sessionId") or stable_id("session", self._where),
            title=shown(name_in(self._head, "summary") or asked),
            turns=turns,
            created_at=moment(self._head.get("startTime")) or turns[0].created_at,
            updated_at=moment(self._head.get("lastUpdated")) or turns[-1].created_at,
        )
