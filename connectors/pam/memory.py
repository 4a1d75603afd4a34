"""One memory as PAM writes it, both ways: our words for kinds and sources, and PAM's.

What PAM has no field for stands under "satchel" in the metadata, where it allows more.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.base.errors import ItemError
from connectors.base.handoff import Held
from connectors.base.ids import stable_id
from connectors.base.kinds import KINDS
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind
from connectors.pam.canonical import content_hash

OURS = "satchel"
_TYPES: Mapping[Kind, str] = {
    "profile": "identity",
    "preference": "preference",
    "fact": "fact",
    "instruction": "instruction",
}
_KINDS: Mapping[str, Kind] = {
    **{name: kind for kind, name in _TYPES.items()},
    **dict.fromkeys(("skill", "context", "relationship", "goal", "environment", "project"), "fact"),
}
_GONE = frozenset(("superseded", "retracted", "archived"))
PLATFORMS: Mapping[str, str] = {
    "openai": "chatgpt",
    "anthropic": "claude",
    "google": "gemini",
    "microsoft": "copilot",
    "xai": "grok",
    "you": "manual",
}
"""What PAM calls the vendors; all others go by their slugs."""
_SLUGS = {name: slug for slug, name in PLATFORMS.items()}


def memory_of(held: Held, now: datetime) -> Json:
    """What stands in the file. Nothing in it is null: readers disagree on what null hashes to."""
    item = held.item
    kind = _TYPES.get(item.kind)
    made: Json = {"id": held.id, "type": kind or "custom"}
    if kind is None:
        made["custom_type"] = item.kind
    made |= {"status": "active", "content": item.text, "content_hash": content_hash(item.text)}
    if item.title:
        made["summary"] = item.title
    ours: Json = {}
    made |= {
        "tags": [],
        "temporal": _temporal(item, now, ours),
        "provenance": _provenance(held),
    }
    if beside := ours | _beside(held):
        made["metadata"] = {OURS: beside}
    return made


def item_of(raw: Json) -> Item:
    """ItemError where it is not as the specification has it."""
    text = text_in(raw, "content")
    if not text.strip():
        raise ItemError("This memory holds no text.")
    ours = an_object_in(an_object_in(raw, "metadata"), OURS)
    when, from_ = an_object_in(raw, "temporal"), an_object_in(raw, "provenance")
    return Item(
        text,
        kind=_kind(raw),
        remote_id=name_in(raw, "id") or stable_id("memory", text),
        title=text_in(raw, "summary"),
        created_at=None if ours.get("undated") == "yes" else moment(when.get("created_at")),
        updated_at=moment(ours.get("updated_at") or when.get("updated_at")),
        conversation_id=name_in(from_, "conversation_ref"),
        message_id=name_in(from_, "message_ref"),
        metadata=_notes(raw, ours, from_),
        valid_from=moment(ours.get("valid_from") or when.get("valid_from")),
        valid_until=moment(ours.get("valid_until") or when.get("valid_until")),
        pinned=ours.get("pinned") == "yes",
    )


def written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def platform(origin: str) -> str:
    """What PAM calls where something comes from; "satchel" where nothing says."""
    named = PLATFORMS.get(origin, origin).replace(" ", "-").lower()
    fits = 2 <= len(named) <= 32 and all(c.isascii() and (c.isalnum() or c in "_-") for c in named)
    return named if fits else OURS


def _kind(raw: Json) -> Kind:
    sort, custom = text_in(raw, "type"), text_in(raw, "custom_type")
    if sort == "custom":
        return next((kind for kind in KINDS if kind == custom), "fact")
    if sort not in _KINDS:
        raise ItemError("This memory is of a type that is not known yet.")
    return _KINDS[sort]


def _temporal(item: Item, now: datetime, ours: Json) -> Json:
    """Times in their order, as PAM demands; what contradicts it is noted in `ours`."""
    created = item.created_at
    if created is None:
        ours["undated"] = "yes"
    made = {"created_at": written(created or item.updated_at or now)}
    if item.updated_at:
        early = created is not None and item.updated_at < created
        (ours if early else made)["updated_at"] = written(item.updated_at)
    if item.valid_from:
        made["valid_from"] = written(item.valid_from)
    if item.valid_until:
        early = item.valid_from is not None and item.valid_until < item.valid_from
        (ours if early else made)["valid_until"] = written(item.valid_until)
    return made


def _provenance(held: Held) -> Json:
    made: Json = {"platform": platform(held.origin)}
    if held.item.conversation_id:
        made["conversation_ref"] = held.item.conversation_id
    if held.item.message_id:
        made["message_ref"] = held.item.message_id
    if held.origin == "you":
        made["extraction_method"] = "manual"
    return made


def _beside(held: Held) -> Json:
    said = {
        "collection": held.collection,
        "pinned": "yes" if held.item.pinned else "",
        "confirmed": "" if held.confirmed else "no",
        "notes": dict(held.item.metadata),
        "origin": held.origin,
    }
    return {name: value for name, value in said.items() if value}


def _notes(raw: Json, ours: Json, from_: Json) -> dict[str, str]:
    """Beside our own notes: its status where it is no longer true, its tags and its origin."""
    notes = {name: str(value) for name, value in an_object_in(ours, "notes").items()}
    named = text_in(from_, "platform")
    said = {
        "collection": name_in(ours, "collection"),
        "confirmed": name_in(ours, "confirmed"),
        "origin": name_in(ours, "origin") or ("" if named == OURS else _SLUGS.get(named, named)),
        "tags": ", ".join(str(tag) for tag in a_list_in(raw, "tags")),
        "superseded": "yes" if text_in(raw, "status") in _GONE else "",
    }
    return notes | {name: value for name, value in said.items() if value}
