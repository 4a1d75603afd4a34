"""Reads Cursor's chats: a composer with the ids of its bubbles, and each bubble by itself.

Sources: github.com/michaeldhood/chatrxiv (docs/cursor/storage-reference.md),
github.com/pppp606/cursor-efficiency (docs/vscdbRelation.md).
"""

from collections.abc import Callable, Iterator

from connectors.agents.spoken import shown, without
from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_ROLES: dict[object, Role] = {1: "user", 2: "assistant"}
_HEADERS, _INLINE = "fullConversationHeadersOnly", "conversation"
_AROUND = ("system_reminder", "system-reminder", "attached_files", "open_and_recently_viewed_files")

Bubbles = Callable[[str, str], object]
"""The bubble of a composer by both their ids; None where there is none."""


def read_chat(raw: Json, where: str, bubbles: Bubbles) -> Iterator[Record]:
    """The conversation, and what of it could not be read; none of a composer nobody spoke in."""
    name = name_in(raw, "composerId")
    turns: list[Turn] = []
    listed = a_list_in(raw, _HEADERS) or a_list_in(raw, _INLINE)
    inline = an_object_in(raw, "conversationMap")
    for number, entry in enumerate(listed, 1):
        try:
            head = an_object(entry, "message")
            bubble = name_in(head, "bubbleId")
            held = inline.get(bubble) or bubbles(name, bubble)
            turns += _turn(head, held, f"{bubble or number}", turns)
        except ItemError as error:
            yield Unreadable(f"{where}, message {number}", str(error))
    if turns:
        asked = next((turn.text for turn in turns if turn.role == "user"), "")
        yield Conversation(
            conversation_id=name,
            title=shown(name_in(raw, "name") or asked),
            turns=tuple(turns),
            created_at=moment(raw.get("createdAt")),
            updated_at=moment(raw.get("lastUpdatedAt")) or moment(raw.get("createdAt")),
        )


def _turn(head: Json, held: object, name: str, before: list[Turn]) -> list[Turn]:
    """Of a bubble the words; what tools were given and answered, and thinking, is left out."""
    if held is None and "text" not in head:
        raise ItemError("This message is not in the file; it was left out.")
    bubble = an_object(held, "message") if held is not None else head
    kind = bubble.get("type", head.get("type"))
    role = _ROLES.get(kind) if isinstance(kind, int) else None
    if role is None:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    if bubble.get("toolFormerData") and role == "assistant" and not bubble.get("text"):
        return []
    text = without(text_in(bubble, "text"), _AROUND)
    if not text:
        return []
    at, parent = moment(bubble.get("createdAt")), before[-1].message_id if before else ""
    return [Turn(name, role, text, len(before), created_at=at, parent_id=parent)]
