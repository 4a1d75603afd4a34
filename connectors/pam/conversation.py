"""One conversation as PAM writes it, both ways."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.threads import Node, arrange
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable
from connectors.pam.memory import OURS, platform, written

_ROLES: Mapping[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
}
_SHOWN = frozenset(("text", "code"))


def conversation_of(talk: Conversation, origin: str, now: datetime) -> Json:
    """What stands in its file. A turn without a time gets the nearest that is known, and a mark."""
    started = talk.created_at or next(filter(None, (t.created_at for t in talk.turns)), now)
    temporal = {"created_at": written(started)}
    if talk.updated_at and talk.updated_at >= started:
        temporal["updated_at"] = written(talk.updated_at)
    parents = parents_of(talk.turns)
    last_seen = [turn.message_id for turn in talk.turns if turn.branch == 0]
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    return {
        "schema": "portable-ai-memory-conversation",
        "schema_version": "1.0",
        "id": talk.conversation_id,
        "provider": {"name": platform(origin), "conversation_id": talk.conversation_id},
        "title": talk.title or None,
        "temporal": temporal,
        "messages": [_message(turn, parents, children, started) for turn in talk.turns],
        "raw_metadata": {OURS: {"current": last_seen[-1]}} if last_seen else {},
    }


def read_conversation(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    nodes: dict[str, Node] = {}
    last: str | None = None
    entries = a_list_in(raw, "messages")
    linked = any(isinstance(entry, dict) and name_in(entry, "parent_id") for entry in entries)
    name = name_in(raw, "id") or stable_id("conversation", where)
    for number, entry in enumerate(entries, 1):
        message = entry if isinstance(entry, dict) else {}
        id = name_in(message, "id")
        if not id or id in nodes:
            id = stable_id("message", name, str(number))
        turn = None
        try:
            turn = _turn(an_object(entry, "message"), id)
        except ItemError as error:
            yield Unreadable(f"{where}, message {number}", str(error))
        nodes[id] = Node(name_in(message, "parent_id") or None if linked else last, turn)
        last = id
    when = an_object_in(raw, "temporal")
    ours = an_object_in(an_object_in(raw, "raw_metadata"), OURS)
    yield Conversation(
        name,
        text_in(raw, "title"),
        arrange(nodes, name_in(ours, "current") or None),
        created_at=moment(when.get("created_at")),
        updated_at=moment(when.get("updated_at")),
    )


def _message(
    turn: Turn,
    parents: Mapping[str, str],
    children: Mapping[str, list[str]],
    started: datetime,
) -> Json:
    made: Json = {
        "id": turn.message_id,
        "role": turn.role,
        "content": {"type": "text", "text": turn.text},
        "created_at": written(turn.created_at or started),
        "parent_id": parents.get(turn.message_id),
        "children_ids": children.get(turn.message_id, []),
        "is_thought": turn.hidden,
    }
    if turn.model:
        made["model"] = turn.model
    said = {"speaker": turn.speaker, "undated": "" if turn.created_at else "yes"}
    if ours := {name: value for name, value in said.items() if value}:
        made["raw_metadata"] = {OURS: ours}
    return made


def parents_of(turns: tuple[Turn, ...]) -> dict[str, str]:
    """What each turn answers: what it says itself, or the turn before it on its branch, or where
    the branch must have left the first one."""
    ids = {turn.message_id for turn in turns}
    places = {(turn.branch, turn.position): turn.message_id for turn in turns}
    first = sorted(position for branch, position in places if branch == 0)
    found: dict[str, str] = {}
    before: dict[int, str] = {}
    for turn in sorted(turns, key=lambda turn: (turn.branch, turn.position)):
        left = [position for position in first if position < turn.position]
        guess = before.get(turn.branch) or (places[0, left[-1]] if turn.branch and left else "")
        parent = turn.parent_id if turn.parent_id in ids else guess
        if parent:
            found[turn.message_id] = parent
        before[turn.branch] = turn.message_id
    return found


def _turn(raw: Json, id: str) -> Turn | None:
    """None where nothing was said: a call of a tool, for example."""
    role = _ROLES.get(text_in(raw, "role"))
    if role is None:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    ours = an_object_in(an_object_in(raw, "raw_metadata"), OURS)
    text = _text(an_object_in(raw, "content"))
    if not text:
        return None
    return Turn(
        id,
        role,
        text,
        position=0,
        created_at=None if ours.get("undated") == "yes" else moment(raw.get("created_at")),
        speaker=name_in(ours, "speaker"),
        model=name_in(raw, "model"),
        hidden=raw.get("is_thought") is True or role in ("system", "tool"),
    )


def _text(content: Json) -> str:
    """What was shown of it; a picture or a file is named in brackets."""
    parts = [an_object(part, "part") for part in a_list_in(content, "parts")]
    shown = [text_in(content, "text"), *map(_part, parts)]
    return "\n\n".join(text for text in shown if text.strip())


def _part(part: Json) -> str:
    sort = text_in(part, "type")
    if sort in _SHOWN:
        return text_in(part, "text")
    name = PurePosixPath(name_in(part, "ref")).name[:120]
    return f"[{sort}: {name}]" if name else f"[{sort or 'file'}]"
