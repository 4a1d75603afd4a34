"""What the parts of an entry are for: said by the person, or guessed from their names."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from connectors.base.types import Role

ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("user", "human", "me", "you", "person", "prompt", "question"), "user"),
    **dict.fromkeys(
        ("assistant", "ai", "bot", "model", "chatbot", "agent", "response", "answer"), "assistant"
    ),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("tool", "function"), "tool"),
}
"""What programs call those who speak, in small letters, and what we call them."""

_TEXT = ("memory", "text", "content", "fact", "note", "statement", "memory_text", "memory_content")
_PERHAPS = (
    *("body", "message", "value", "description", "observation", "summary", "details", "answer"),
    *("prompt", "said", "comment", "markdown"),
)
_DATE = (
    *("created_at", "createdat", "created", "date", "timestamp", "time", "when", "saved_at"),
    *("date_saved", "inserted_at", "added", "added_at", "datetime", "create_time", "date_created"),
    *("updated_at", "updatedat", "updated", "modified"),
)
_TITLE = ("title", "subject", "topic", "heading", "name", "headline")
_ID = ("id", "uuid", "_id", "memory_id", "note_id", "message_id", "guid", "key", "hash")
_KIND = ("kind", "type", "category", "memory_type", "section")
_SPEAKER = ("role", "sender", "author", "speaker", "from", "author.role", "said_by", "who")
_TALK = ("conversation_id", "conversation", "chat_id", "thread_id", "session_id", "thread", "chat")


@dataclass(frozen=True, slots=True)
class Fields:
    """Which part of an entry is what, by the names of the parts; "" for none. With a `speaker` the
    entries are turns of conversations, of one for each `talk` if that is given."""

    text: str
    date: str = ""
    title: str = ""
    id: str = ""
    kind: str = ""
    speaker: str = ""
    talk: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fields":
        """KeyError or TypeError when it is not what `to_json` gave."""
        if not all(isinstance(value, str) for value in data.values()):
            raise TypeError("fields")
        return cls(**data)


def guess(names: Sequence[str], *, sure: bool = True) -> Fields | None:
    """What the parts are by their names; None if none is the text. Not `sure`, names that may mean
    anything count too, and nothing is read by them before the person has agreed."""
    known = {_plain(name): name for name in reversed(names)}
    text = _first(known, _TEXT) or (_first(known, _PERHAPS) if not sure else "")
    if not text:
        return None
    inside = text.rpartition(".")[0]
    near = {_plain(name): name for name in reversed(names) if name.rpartition(".")[0] == inside}
    beside = {_plain(name): name for name in reversed(names) if "." not in name}

    def one(wanted: Sequence[str]) -> str:
        found = _first(near, wanted) or _first(known, wanted)
        return found if found != text else ""

    return Fields(
        text=text,
        date=one(_DATE),
        title=one(_TITLE),
        id=_first(near, _ID),
        kind=one(_KIND),
        speaker=_first(near, _SPEAKER),
        talk=one(_TALK) or (_first(beside, _ID) if inside else ""),
    )


def _first(known: Mapping[str, str], wanted: Sequence[str]) -> str:
    return next((known[name] for name in wanted if name in known), "")


def _plain(name: str) -> str:
    """`name` as it is compared; parts of parts count by their own name."""
    said = name.strip().casefold().replace(" ", "_").replace("-", "_")
    return said if said in _SPEAKER else said.rpartition(".")[2]
