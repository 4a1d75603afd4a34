"""Reads one Perplexity thread: a list of entries, each a question with its answer."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.shape import Json, an_object, name_in, text_in
from connectors.base.types import Conversation, Role, Turn, Unreadable

_SIDES: tuple[tuple[str, Role], ...] = (("query", "user"), ("answer", "assistant"))


def is_conversation(entry: object) -> bool:
    """Whether `entry` has the structure of a Perplexity thread."""
    if not isinstance(entry, dict) or "context_uuid" not in entry:
        return False
    return isinstance(entry.get("entries"), list)


def identity(raw: Json, where: str) -> str:
    return name_in(raw, "context_uuid") or stable_id("conversation", where)


def read_conversation(raw: Json, where: str) -> Iterator[Record]:
    """The conversation, and what of it could not be read."""
    if not isinstance(raw.get("entries"), list):
        raise ItemError("This conversation came without its entries and was left out.")
    name, turns = identity(raw, where), list[Turn]()
    for number, entry in enumerate(raw["entries"], 1):
        yield from _add(entry, name, number, turns, f"{where}, message {number}")
    yield Conversation(
        conversation_id=name,
        title=name_in(raw, "context_title"),
        turns=tuple(turns),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
    )


def _add(entry: object, name: str, number: int, turns: list[Turn], where: str) -> Iterator[Record]:
    """Adds the turns of one entry; a side of it that cannot be read is yielded."""
    try:
        raw = an_object(entry, "message")
    except ItemError as error:
        yield Unreadable(where, str(error))
        return
    given = name_in(raw, "entry_uuid") or stable_id("entry", name, str(number))
    at, known = moment(raw.get("created_at")), {turn.message_id for turn in turns}
    if f"{given}/query" in known or f"{given}/answer" in known:
        given = stable_id("entry", name, given, str(number))
    for key, role in _SIDES:
        try:
            text = text_in(raw, key).strip()
        except ItemError as error:
            yield Unreadable(where, str(error))
            continue
        if text:
            parent = turns[-1].message_id if turns else ""
            turns.append(
                Turn(f"{given}/{key}", role, text, len(turns), created_at=at, parent_id=parent)
            )
