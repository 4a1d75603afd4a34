"""What stands in a text for a file, a picture or anything else that was shown beside it."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.base.errors import ItemError
from connectors.base.shape import Json, a_list_in, name_in

_LENGTH = 120
_TITLE = 80
_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic"))
_NAMES = ("file_name", "fileName", "filename", "name")


def mark(what: str, name: str = "") -> str:
    """`[what: name]`, with the name on one line and cut, or `[what]` without one."""
    shown = " ".join(name.split())[:_LENGTH]
    return f"[{what}: {shown}]" if shown else f"[{what}]"


def file_mark(name: str) -> str:
    """The mark of a file, or of a picture if it is called like one."""
    picture = PurePosixPath(name.strip()).suffix.lower() in _PICTURES
    return mark("image" if picture else "file", name)


def marks_in(holder: Json, key: str) -> Iterator[str]:
    """The marks of the files in a list, each an object with a name, or a name."""
    for file in a_list_in(holder, key):
        if isinstance(file, dict):
            yield file_mark(name_in(file, *_NAMES))
        elif isinstance(file, str):
            yield file_mark(file)
        else:
            raise ItemError("A file of this message is not in a form that is known.")


def title_of(text: str) -> str:
    """What to call a conversation whose vendor gives it no title: how it begins."""
    words = " ".join(text[: 10 * _TITLE].split())
    if len(words) <= _TITLE:
        return words
    return words[: _TITLE - 1].rstrip() + "…"
