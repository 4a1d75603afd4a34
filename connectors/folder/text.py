"""The text of a note: its bytes, its frontmatter, and one form of it that is compared."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from connectors.base.errors import ItemError

KEY = "satchel"
"""The field of the frontmatter that tells which files we made."""
_FRONTMATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?P<fields>(?:.*?\n)??)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_FIELD = re.compile(r"([A-Za-z][\w-]*):[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Note:
    """A file in three parts, each as it is there; `fields` are the plain ones of the first."""

    head: str
    body: str
    fields: Mapping[str, str]


def note(content: bytes) -> Note:
    """ItemError when it is not UTF-8."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ItemError("This file is not text in UTF-8.") from None
    return note_of(text)


def note_of(text: str) -> Note:
    found = _FRONTMATTER.match(text)
    if found is None:
        return Note("", text, {})
    return Note(found[0], text[found.end() :], _fields(found["fields"]))


def normal(text: str) -> str:
    """`text` with Unix line ends and no white space at the ends of lines or around it all."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip().removeprefix("\ufeff")


def fingerprint(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def own(key: str, kind: str, title: str) -> str:
    """Frontmatter of a file that we make."""
    fields = {KEY: key, "kind": kind, "title": title}
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(("---", *lines, "---", "", ""))


def replaced(body: str, text: str) -> str:
    """`body` with `text` in it, and the same white space around it."""
    inner = body.strip()
    before = body[: len(body) - len(body.lstrip())] if inner else ""
    after = body[len(body.rstrip()) :] if inner else line_end(body)
    return before + text.replace("\n", line_end(body)) + after


def _fields(text: str) -> dict[str, str]:
    found = (_FIELD.fullmatch(line.rstrip()) for line in text.split("\n"))
    return {one[1]: _plain(one[2]) for one in found if one}


def _plain(value: str) -> str:
    if not value.startswith('"'):
        return value.strip("'")
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')
