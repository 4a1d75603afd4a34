"""Reads one session of Codex: a "rollout", with a line for each item and event.

Sources: github.com/openai/codex (codex-rs/protocol/src/protocol.rs: RolloutLine, RolloutItem;
models.rs: ResponseItem; instruction_markers.rs). Until the summer of 2025 the items stood in the
lines themselves, after a first line with the session's id.
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.agents.spoken import shown
from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.reading.json_lines import lines
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, an_object, an_object_in, name_in
from connectors.base.types import Conversation, Turn, Unreadable
from connectors.openai.codex_words import speaker, words

_META, _ITEM, _EVENT, _TURN = "session_meta", "response_item", "event_msg", "turn_context"
_AROUND = frozenset(("compacted", "world_state", "session_state", "inter_agent_communication"))
_SILENT = frozenset(
    (
        *("reasoning", "function_call", "function_call_output", "custom_tool_call", "compaction"),
        *("custom_tool_call_output", "local_shell_call", "local_shell_call_output", "other"),
        *("web_search_call", "image_generation_call", "tool_search_call", "ghost_snapshot"),
        *("tool_search_output", "mcp_tool_call_output", "compaction_summary", "agent_message"),
        *("context_compaction", "compaction_trigger", "additional_tools", "configure_tools"),
    )
)
_ROLLED_BACK = "thread_rolled_back"


def is_rollout_line(entry: object) -> bool:
    """Whether `entry` is a line that only Codex writes, today or before the summer of 2025."""
    if not isinstance(entry, dict):
        return False
    payload = entry.get("payload")
    if name_in(entry, "type") == _META and isinstance(payload, dict):
        return "id" in payload and bool({"cli_version", "originator", "cwd"} & payload.keys())
    return {"id", "timestamp", "instructions"} <= entry.keys() and "type" not in entry


def read_rollout(file: File, titles: dict[str, str]) -> Iterator[Record]:
    """The conversation, and what of it could not be read. None where nobody spoke, and where the
    one who asked was another agent. `titles` are names of sessions by their ids."""
    rollout = _Rollout(file.where)
    for number, value in enumerate(lines(file), 1):
        if isinstance(value, Unreadable):
            yield value
            continue
        try:
            rollout.add(an_object(value, "line"))
        except ItemError as error:
            yield Unreadable(f"{file.where}, entry {number}", str(error))
    if rollout.unknown:
        reason = f"{rollout.unknown} entries are of kinds that are not known; they were left out."
        yield Unreadable(file.where, reason)
    if rollout.asked and not rollout.among_agents:
        yield rollout.conversation(titles)


class _Rollout:
    """One session while it is read."""

    def __init__(self, where: str) -> None:
        self.id = ""
        self.unknown = 0
        self.asked: list[str] = []
        """The person's turns that were not taken back."""
        self.among_agents = False
        self._where, self._model = where, ""
        self._nodes: dict[str, Node] = {}
        self._last: str | None = None
        self._times: list[datetime] = []

    def add(self, line: Json) -> None:
        kind, payload = name_in(line, "type"), line
        if "payload" in line:
            payload = an_object_in(line, "payload")
        if kind == _META:
            self._begin(payload)
        elif kind == _TURN:
            self._model = name_in(payload, "model")
        elif kind == _EVENT:
            self._event(payload)
        elif kind == _ITEM:
            self._item(payload, moment(line.get("timestamp")))
        elif not kind and is_rollout_line(line):
            self._begin(line)
        elif kind in _AROUND or (not kind and "record_type" in line):
            return
        else:
            self._item(line, None)

    def conversation(self, titles: dict[str, str]) -> Conversation:
        turns = arrange(self._nodes, self._last)
        asked = next((turn.text for turn in turns if turn.role == "user"), "")
        return Conversation(
            conversation_id=self.id or stable_id("rollout", self._where),
            title=titles.get(self.id, "") or shown(asked),
            turns=turns,
            created_at=self._times[0] if self._times else None,
            updated_at=self._times[-1] if self._times else None,
        )

    def _begin(self, meta: Json) -> None:
        """The first is this session's; those of sessions that it goes on from may follow."""
        if self.id:
            return
        self.id = name_in(meta, "id")
        source = meta.get("source")
        self.among_agents = isinstance(source, dict) and "subagent" in source
        if (begun := moment(meta.get("timestamp"))) is not None:
            self._times.append(begun)

    def _event(self, event: Json) -> None:
        """Of events only one counts: the person took their last turns back."""
        turns = event.get("num_turns")
        if name_in(event, "type") != _ROLLED_BACK or not isinstance(turns, int) or turns < 1:
            return
        taken_back = self.asked[-turns:]
        self.asked = self.asked[: len(self.asked) - len(taken_back)]
        if taken_back:
            self._last = self._nodes[taken_back[0]].parent

    def _item(self, item: Json, at: datetime | None) -> None:
        kind = name_in(item, "type")
        if kind != "message":
            self.unknown += kind not in _SILENT
            return
        name = stable_id("message", self.id, str(len(self._nodes) + 1))
        self._nodes[name] = Node(self._last)
        role = speaker(item)
        text = words(item, role) if role else ""
        if role and text:
            model = self._model if role == "assistant" else ""
            turn = Turn(name, role, text, position=0, created_at=at, model=model)
            self._nodes[name] = Node(self._last, turn)
            self._times += [at] if at else []
            self.asked += [name] if role == "user" else []
        self._last = name
