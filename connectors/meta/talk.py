"""Reads the text of one Meta AI conversation: "You: " and "Meta AI: " before what each said."""

import re
from collections import Counter
from datetime import UTC, datetime, time

from connectors.base.archive import Record
from connectors.base.ids import stable_id
from connectors.base.reading.attached import title_of
from connectors.base.types import Conversation, Role, Turn, Unreadable
from connectors.meta.page import Talk

_ROLES: dict[str, Role] = {"You": "user", "Meta AI": "assistant"}
_LINES = re.compile(r"^[ \t]*(You|Meta AI):[ \t]?", re.M)
_ANYWHERE = re.compile(r"(?<![\w])(You|Meta AI): ")
_NOBODY = "This conversation does not say who said what, so it was left out."


def read_talk(talk: Talk, where: str, known: Counter[str]) -> Record:
    """The conversation; `known` counts those that began alike on one day. Speakers are looked for
    where lines begin, or anywhere if it has no lines: what quotes "You: " is then cut there."""
    marks = list(_LINES.finditer(talk.text))
    if len(marks) < 2 and "\n" not in talk.text.strip():
        marks = list(_ANYWHERE.finditer(talk.text))
    if not marks:
        return Unreadable(where, _NOBODY)
    ends = [*(found.start() for found in marks[1:]), len(talk.text)]
    said: list[tuple[Role, str]] = [
        (_ROLES[found[1]], text)
        for found, end in zip(marks, ends, strict=True)
        if (text := talk.text[found.end() : end].strip())
    ]
    at = datetime.combine(talk.day, time(), UTC) if talk.day else None
    name = stable_id("meta", str(talk.day), *(text for _, text in said[:2]))
    known[name] += 1
    name = name if known[name] == 1 else f"{name}-{known[name]}"
    turns = [
        Turn(f"{name}/{place}", role, text, place, created_at=at, parent_id=_before(name, place))
        for place, (role, text) in enumerate(said)
    ]
    asked = next((text for role, text in said if role == "user"), "")
    return Conversation(name, title_of(asked), tuple(turns), at, at)


def _before(name: str, place: int) -> str:
    return f"{name}/{place - 1}" if place else ""
