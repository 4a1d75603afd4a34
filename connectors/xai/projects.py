"""Reads Grok's projects: the instructions a person gave for each."""

from collections.abc import Iterator

from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.shape import Json, name_in, text_in
from connectors.base.types import Item
from connectors.xai.mongo import id_in, time_in

_INSTRUCTIONS = "custom_personality"


def is_project(entry: object) -> bool:
    return isinstance(entry, dict) and {"workspace_id", _INSTRUCTIONS} <= entry.keys()


def read_project(raw: Json) -> Iterator[Item]:
    """The instructions as one memory; a project without any holds nothing to remember."""
    project, name = id_in(raw, "workspace_id"), name_in(raw, "name")
    if not project and not name:
        raise ItemError("This project is not in a form that is known.")
    text = text_in(raw, _INSTRUCTIONS).strip()
    if text:
        yield Item(
            text=text,
            kind="instruction",
            remote_id=f"{project or stable_id('project', name)}/instructions",
            title=name,
            created_at=time_in(raw, "create_time"),
            updated_at=time_in(raw, "modify_time"),
            metadata={"project": name} if name else {},
        )
