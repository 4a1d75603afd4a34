"""Reads a Gemini conversation of a Workspace account: conversation_<N>.txt, which is JSON."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_DELETED = "turn_deleted_time"


def is_workspace(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("conversation_turns"), list)


def read_workspace(entry: Json, where: str) -> Iterator[Record]:
    """The conversation without the turns the person deleted, and what could not be read."""
    name = stable_id("workspace", name_in(entry, "creation_time"), name_in(entry, "title"))
    turns: list[Turn] = []
    for number, raw in enumerate(a_list_in(entry, "conversation_turns"), 1):
        try:
            role, holder = _speaker(an_object(raw, "turn"))
            text = "" if holder.get(_DELETED) else _text(role, holder)
        except ItemError as error:
            yield Unreadable(f"{where}, turn {number}", str(error))
            continue
        if text:
            message_id = f"{name}-{name_in(holder, 'turn_index') or number}-{role}"
            parent = turns[-1].message_id if turns else ""
            at = moment(holder.get("turn_last_modified"))
            turns.append(Turn(message_id, role, text, len(turns), created_at=at, parent_id=parent))
    yield Conversation(
        conversation_id=name,
        title=name_in(entry, "title"),
        turns=tuple(turns),
        created_at=moment(entry.get("creation_time")),
        updated_at=moment(entry.get("last_modification_time")),
    )


def _speaker(turn: Json) -> tuple[Role, Json]:
    if "user_turn" in turn:
        return "user", an_object_in(turn, "user_turn")
    if "system_turn" in turn:
        return "assistant", an_object_in(turn, "system_turn")
    raise ItemError("This turn is by an author of a kind that is not known yet.")


def _text(role: Role, holder: Json) -> str:
    if role == "user":
        return text_in(holder, "prompt").strip()
    texts = [_part(an_object(part, "answer")) for part in a_list_in(holder, "text")]
    texts += ["[image]" for _ in a_list_in(holder, "images")]
    return "\n\n".join(text for text in texts if text)


def _part(part: Json) -> str:
    cards = [an_object(card, "card") for card in a_list_in(part, "cards")]
    texts = [text_in(part, "data"), *(text_in(card, "content") for card in cards)]
    return "\n\n".join(text.strip() for text in texts if text.strip())
