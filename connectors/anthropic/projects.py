"""Reads Claude's projects: their instructions and the documents put into them."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Item, Unreadable


def is_project(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and {"uuid", "name"} <= entry.keys()
        and (isinstance(entry.get("docs"), list) or "prompt_template" in entry)
    )


def read_project(entry: object, where: str) -> Iterator[Record]:
    """The instructions as one memory, each document as another. Anthropic's sample is no one's."""
    raw = an_object(entry, "project")
    if raw.get("is_starter_project"):
        return
    project, name = name_in(raw, "uuid"), name_in(raw, "name")
    instructions = text_in(raw, "prompt_template").strip()
    if instructions:
        yield Item(
            text=instructions,
            kind="instruction",
            remote_id=f"{project}/instructions",
            title=name,
            created_at=moment(raw.get("created_at")),
            updated_at=moment(raw.get("updated_at")),
            metadata={"project": name},
        )
    for number, doc in enumerate(a_list_in(raw, "docs"), 1):
        try:
            yield _document(an_object(doc, "document"), f"{project}/doc-{number}", name)
        except ItemError as error:
            yield Unreadable(f"{where}, document {number}", str(error))


def _document(doc: Json, otherwise: str, project: str) -> Item:
    text = text_in(doc, "content")
    if not text.strip():
        raise ItemError("This document came without its text and was left out.")
    return Item(
        text=text,
        kind="document",
        remote_id=name_in(doc, "uuid") or otherwise,
        title=name_in(doc, "filename"),
        created_at=moment(doc.get("created_at")),
        metadata={"project": project},
    )
