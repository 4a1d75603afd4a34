"""One memory unit of the Modeled Information Format, in Markdown or in JSON-LD."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from connectors.base.errors import ItemError
from connectors.base.moments import moment
from connectors.base.shape import Json, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind

_TYPES: Mapping[str, Kind] = {"semantic": "fact", "episodic": "event", "procedural": "skill"}
_PLACES: Mapping[str, Kind] = {"preferences": "preference", "instructions": "instruction"}
_URN = "urn:mif:"
_TALK = "conversation:"


def is_unit(fields: Json) -> bool:
    """Whether it has what every unit has at its head."""
    return name_in(fields, "type") in _TYPES and {"id", "created"} <= fields.keys()


def is_projection(value: object) -> bool:
    """Whether it is a unit in JSON-LD."""
    return (
        isinstance(value, dict)
        and name_in(value, "@id").startswith(_URN)
        and isinstance(value.get("content"), str)
    )


def item_of(fields: Json, body: str) -> Item:
    """ItemError where its head is in no known form."""
    sort = name_in(fields, "type", "conceptType", "memoryType")
    if sort not in _TYPES:
        raise ItemError("This memory is of a type that is not known yet.")
    if not body.strip():
        raise ItemError("This file holds no text.")
    when, from_ = an_object_in(fields, "temporal"), an_object_in(fields, "provenance")
    place, said = text_in(fields, "namespace"), name_in(from_, "sourceRef")
    return Item(
        body.strip(),
        kind=_PLACES.get(PurePosixPath(place).name, _TYPES[sort]),
        remote_id=name_in(fields, "id", "@id").removeprefix(_URN),
        title=text_in(fields, "title"),
        created_at=moment(fields.get("created", fields.get("dc:created"))),
        updated_at=moment(fields.get("modified", fields.get("dc:modified"))),
        conversation_id=said.removeprefix(_TALK) if said.startswith(_TALK) else "",
        metadata=_notes(fields, place),
        valid_from=moment(when.get("validFrom")),
        valid_until=moment(when.get("validUntil")),
    )


def _notes(fields: Json, place: str) -> dict[str, str]:
    tags = fields.get("tags")
    said = {
        "namespace": place,
        "tags": ", ".join(map(str, tags)) if isinstance(tags, list) else "",
        "ontology": name_in(an_object_in(fields, "ontology"), "id"),
    }
    return {name: value for name, value in said.items() if value}
