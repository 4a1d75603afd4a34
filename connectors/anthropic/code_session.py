"""Reads one session of Claude Code: a line for each message, tool call and note of the program.

Sources: github.com/simonw/claude-code-transcripts, github.com/jeremedia/claude-code-log-format
(read from version 2.0.55 of the program), github.com/alicoding/claude-parser (41,085 messages).
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.agents.spoken import shown
from connectors.anthropic.code_words import words
from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.reading.json_lines import lines
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, name_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_SPEAKERS: dict[str, Role] = {"user": "user", "assistant": "assistant", "attachment": "user"}
_IN_THE_TREE = frozenset((*_SPEAKERS, "system", "progress"))
_NOTES = frozenset(
    (
        *("summary", "custom-title", "ai-title", "agent-name", "agent-color", "agent-setting"),
        *("file-history-snapshot", "queue-operation", "last-prompt", "pr-link", "mode", "tag"),
        *("permission-mode", "worktree-state", "content-replacement", "task-summary"),
        *("attribution-snapshot", "speculation-accept", "bridge-session", "session-title"),
        *("marble-origami-commit", "marble-origami-snapshot", "file-history-delta", "relocated"),
    )
)
_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle"}  # the person's own comes first


def is_session_line(entry: object) -> bool:
    """Whether `entry` is a line that only Claude Code writes."""
    if not isinstance(entry, dict):
        return False
    kind = name_in(entry, "type")
    if kind in _IN_THE_TREE:
        return {"uuid", "sessionId", "timestamp"} <= entry.keys()
    if kind == "summary":
        return {"summary", "leafUuid"} <= entry.keys()
    if kind == "file-history-snapshot":
        return {"messageId", "snapshot"} <= entry.keys()
    return kind in _NOTES and "sessionId" in entry


def read_session(file: File) -> Iterator[Record]:
    """The conversation, and what of it could not be read. None where nobody spoke: a helper of
    Claude's was told and answered, or the file only holds notes."""
    session = _Session(file.where)
    for number, value in enumerate(lines(file), 1):
        if isinstance(value, Unreadable):
            yield value
            continue
        try:
            session.add(number, an_object(value, "line"))
        except ItemError as error:
            yield Unreadable(f"{file.where}, entry {number}", str(error))
    if session.unknown:
        reason = f"{session.unknown} entries are of kinds that are not known; they were left out."
        yield Unreadable(file.where, reason)
    if any(node.turn for node in session.nodes.values()):
        yield session.conversation()


class _Session:
    """One session while it is read."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.nodes: dict[str, Node] = {}
        self.unknown = 0
        self._id = ""
        self._last: str | None = None
        self._titles: dict[str, str] = {}
        self._summaries: list[tuple[str, str]] = []
        self._first: datetime | None = None
        self._latest: datetime | None = None

    def add(self, number: int, entry: Json) -> None:
        kind = name_in(entry, "type")
        if kind in _IN_THE_TREE:
            if not entry.get("isSidechain"):
                self._message(number, kind, entry)
        elif kind in _NOTES:
            self._note(kind, entry)
        else:
            self.unknown += 1

    def conversation(self) -> Conversation:
        turns = arrange(self.nodes, self._last)
        return Conversation(
            conversation_id=self._id or stable_id("session", turns[0].message_id),
            title=self._title() or shown(next((t.text for t in turns if t.role == "user"), "")),
            turns=turns,
            created_at=self._first,
            updated_at=self._latest,
        )

    def _title(self) -> str:
        """The program writes summaries of other sessions into this one: they lead elsewhere."""
        summed_up = [text for leaf, text in self._summaries if leaf in self.nodes]
        given = (self._titles[kind] for kind in _TITLES if self._titles.get(kind))
        return next(given, "") or (summed_up[-1] if summed_up else "")

    def _message(self, number: int, kind: str, entry: Json) -> None:
        at = moment(entry.get("timestamp"))
        self._id = name_in(entry, "sessionId") or self._id  # a resumed one begins with an older
        name = self._name(number, entry)
        parent = name_in(entry, "logicalParentUuid", "parentUuid")
        linked = "parentUuid" in entry
        self.nodes[name] = Node(parent or (None if linked else self._last))
        self._last = name
        if kind in _SPEAKERS and (text := words(entry)):
            role = _SPEAKERS[kind]
            model = _model(entry) if role == "assistant" else ""
            turn = Turn(name, role, text, position=0, created_at=at, model=model)
            self.nodes[name] = Node(self.nodes[name].parent, turn)
            self._first = self._first or at
            self._latest = at or self._latest

    def _name(self, number: int, entry: Json) -> str:
        given = name_in(entry, "uuid")
        return given if given and given not in self.nodes else stable_id("line", f"{number}", given)

    def _note(self, kind: str, entry: Json) -> None:
        if kind == "summary":
            text = shown(name_in(entry, "summary"))
            self._summaries.append((name_in(entry, "leafUuid"), text))
        elif title := name_in(entry, _TITLES.get(kind, "")):
            self._titles[kind] = shown(title)


def _model(entry: Json) -> str:
    message = entry.get("message")
    return name_in(message, "model") if isinstance(message, dict) else ""
