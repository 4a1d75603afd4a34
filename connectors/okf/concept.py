"""One concept of a bundle, both ways: a memory as a Markdown file, and read again.

What OKF has no field for stands in fields of our own, which it allows and others pass over.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.base.errors import ItemError
from connectors.base.handoff import Held
from connectors.base.kinds import KINDS
from connectors.base.moments import moment
from connectors.base.reading.frontmatter import Note, written
from connectors.base.shape import Json, a_list_in, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind

_OTHERS: Mapping[str, Kind] = {"playbook": "skill", "prompt": "skill", "runbook": "skill"}
_ACTOR = "satchel/1.0"


def file_of(held: Held, owner: str, now: datetime) -> str:
    """The whole file. Who wrote it by hand or confirmed it is told the way OKF wants it."""
    item = held.item
    person = f"human:{owner or 'owner'}"
    changed = item.updated_at or item.created_at
    head: Json = {"type": item.kind.capitalize(), "title": item.title}
    head["generated"] = {
        "by": person if held.origin == "you" else _ACTOR,
        **({"at": _time(changed)} if changed else {}),
    }
    if held.confirmed:
        head["verified"] = [{"by": person, "at": _time(now)}]
    head |= {
        "sources": _sources(held),
        "stale_after": _time(item.valid_until),
        "satchel": {name: value for name, value in _ours(held).items() if value},
    }
    return written({name: value for name, value in head.items() if value}, item.text)


def item_of(note: Note, name: str) -> Item:
    """`name` is what the bundle calls it. ItemError where its head is in no known form."""
    fields, ours = note.fields, an_object_in(note.fields, "satchel")
    text = note.body.strip() or text_in(fields, "description").strip()
    if not text:
        raise ItemError("This file holds no text.")
    made, source = an_object_in(fields, "generated"), _first_source(fields)
    at = made.get("at") or fields.get("timestamp")
    return Item(
        text,
        kind=_kind(text_in(fields, "type").strip().lower()),
        remote_id=name_in(ours, "id") or name,
        title=text_in(fields, "title")
        if ours
        else text_in(fields, "title") or name.rsplit("/", maxsplit=1)[-1],
        created_at=moment(ours.get("created")),
        updated_at=moment(ours.get("updated") if ours else at),
        conversation_id=name_in(source, "conversation"),
        message_id=name_in(source, "message"),
        metadata=_notes(fields, ours),
        valid_from=moment(ours.get("valid_from")),
        valid_until=moment(fields.get("stale_after")),
        pinned=ours.get("pinned") == "yes",
    )


def _ours(held: Held) -> dict[str, str]:
    item = held.item
    return {
        "id": held.id,
        "collection": held.collection,
        "origin": held.origin,
        "created": _time(item.created_at),
        "updated": _time(item.updated_at),
        "valid_from": _time(item.valid_from),
        "pinned": "yes" if item.pinned else "",
        "confirmed": "" if held.confirmed else "no",
    }


def _sources(held: Held) -> list[Json]:
    item = held.item
    if not item.conversation_id and not item.message_id:
        return []
    said = {
        "resource": f"a conversation at {held.origin or 'an unknown place'}",
        "conversation": item.conversation_id,
        "message": item.message_id,
    }
    return [{name: value for name, value in said.items() if value}]


def _first_source(fields: Json) -> Json:
    return next((one for one in a_list_in(fields, "sources") if isinstance(one, dict)), {})


def _kind(said: str) -> Kind:
    """What others write are documents, unless they use a word of ours."""
    found = next((kind for kind in KINDS if kind == said), None)
    return found or _OTHERS.get(said, "document")


def _notes(fields: Json, ours: Json) -> dict[str, str]:
    tags = fields.get("tags")
    said = {
        "type": text_in(fields, "type") if not ours else "",
        "tags": ", ".join(map(str, tags)) if isinstance(tags, list) else "",
        "resource": name_in(fields, "resource"),
        "superseded": "yes" if fields.get("status") == "deprecated" else "",
        **{name: name_in(ours, name) for name in ("collection", "origin", "confirmed")},
    }
    return {name: value for name, value in said.items() if value}


def _time(when: datetime | None) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else ""
