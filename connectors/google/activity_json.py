"""Reads Gemini's activity log as JSON: My Activity, where other products may share the file."""

from collections.abc import Iterator

from connectors.base.errors import ItemError
from connectors.base.limits import Limits
from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.reading.json_stream import items
from connectors.base.reading.markup import plain
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Unreadable
from connectors.google.activity import PRODUCTS, Asked, asked


def is_activity(entry: object) -> bool:
    return isinstance(entry, dict) and {"header", "title", "time"} <= entry.keys()


def read_activity(file: File, problems: list[Unreadable]) -> Iterator[Asked]:
    """What was asked, newest first; what cannot be read is added to `problems`."""
    for number, entry in enumerate(items(file), 1):
        if isinstance(entry, Unreadable):
            problems.append(entry)
            continue
        try:
            found = _asked(an_object(entry, "entry"), file.limits)
            if found:
                yield found
        except ItemError as error:
            problems.append(Unreadable(f"{file.where}, entry {number}", str(error)))


def _asked(entry: Json, limits: Limits) -> Asked | None:
    if name_in(entry, "header") not in PRODUCTS:
        return None
    answer = "\n\n".join(_answers(entry, limits))
    at = moment(entry.get("time"))
    return asked(text_in(entry, "title"), answer, at, tuple(_attached(entry)))


def _answers(entry: Json, limits: Limits) -> Iterator[str]:
    for part in a_list_in(entry, "safeHtmlItem"):
        yield plain(text_in(an_object(part, "answer"), "html"), limits)


def _attached(entry: Json) -> Iterator[str]:
    for key in ("attachedFiles", "imageFile"):
        value = entry.get(key)
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and name:
                yield name
