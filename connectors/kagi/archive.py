"""Reads Kagi Assistant threads: a JSON list of threads, each as the Markdown that Kagi gives out.

Source: the chatclerk-kagi command of a public converter, which reads what a public script saves:
[{threadDetail: {id, title}, markdownExport}], also under `threads`, `conversations` or `data`.
How the Markdown marks who speaks is not known. Where it begins with a heading such as "## User",
the turns are told apart by such headings; else a thread is one turn of the assistant's.
"""

import re
from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import Json, an_object, name_in
from connectors.base.types import Conversation, Role, Turn

_UNDER = ("threads", "conversations", "data")
_SPEAKERS: dict[str, Role] = {
    "user": "user",
    "you": "user",
    "human": "user",
    "me": "user",
    "assistant": "assistant",
    "kagi": "assistant",
    "kagi assistant": "assistant",
    "ai": "assistant",
}
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t:]*$", re.M)
_TITLE = re.compile(r"\A\s*#[ \t]+[^\n]*\n")


class Kagi(Archive):
    vendor = "kagi"
    what = "Kagi Assistant threads"

    def recognise(self, files: Files) -> bool:
        return any(_holder(file) is not None for file in files.json)

    def records(self, files: Files) -> Iterator[Record]:
        copies, places = Copies(), set[str]()

        def read(entry: object, where: str) -> Iterator[Record]:
            found = _thread(an_object(entry, "thread"), where)
            if copies.is_new(found.conversation_id, found.updated_at):
                yield found

        for file in files.json:
            if (under := _holder(file)) is not None:
                places.add(file.where)
                yield from each(items(file, under), f"{file.where}, entry", read)
        yield from not_known(file for file in files.json if file.where not in places)


def _holder(file: File) -> str | None:
    """The key under which `file` lists threads, "" if it is the list; None if it has none."""
    held = [""] if file.start.startswith(b"[") else [one for one in _UNDER if one in lists_in(file)]
    return next((under for under in held if any(map(_is_thread, peek(file, under)))), None)


def _is_thread(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    return isinstance(entry.get("threadDetail"), dict) and "markdownExport" in entry


def _thread(raw: Json, where: str) -> Conversation:
    head, text = an_object(raw.get("threadDetail"), "thread"), raw.get("markdownExport")
    if text is not None and not isinstance(text, str):
        raise ItemError("This thread came without its text and was left out.")
    name = name_in(head, "id") or stable_id("thread", where)
    said = [(role, part) for role, part in _said(text or "") if part]
    turns = [
        Turn(f"{name}/{place}", role, part, place, parent_id=f"{name}/{place - 1}" if place else "")
        for place, (role, part) in enumerate(said)
    ]
    begun, changed = (
        moment(head.get(one) or head.get(other))
        for one, other in (("created_at", "createdAt"), ("updated_at", "updatedAt"))
    )
    return Conversation(name, name_in(head, "title"), tuple(turns), begun, changed)


def _said(text: str) -> Iterator[tuple[Role, str]]:
    """Who said what, if the text begins with who does."""
    body = text.strip()
    first = _HEADING.match(body)
    if first and first[2].lower() not in _SPEAKERS:
        body = _TITLE.sub("", body, count=1).strip()
        first = _HEADING.match(body)
    if not first or first[2].lower() not in _SPEAKERS:
        yield "assistant", text.strip()
        return
    heads = [
        found
        for found in _HEADING.finditer(body)
        if found[1] == first[1] and found[2].lower() in _SPEAKERS
    ]
    ends = [*(found.start() for found in heads[1:]), len(body)]
    for found, end in zip(heads, ends, strict=True):
        yield _SPEAKERS[found[2].lower()], body[found.end() : end].strip()
