"""Reads a Qwen chat export: one JSON file, an answer of its server with all chats under `data`.

Source: public parsers of real exports of early 2026 (qwen-chat-export-<time>.json), such as the
QwenNormalizer of a corpus analyser. Open WebUI's export holds the same trees in a bare list: only
what has Qwen's outer shape is taken.
"""

import re
from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object, name_in
from connectors.qwen.conversation import identity, is_chat, read_chat

_UNDER = "data"
_OUTER = re.compile(rb'\s*\{(?=[^\[]*"success"\s*:)(?=[^\[]*"request_id"\s*:)')


class Qwen(Archive):
    vendor = "qwen"
    what = "Qwen chat export"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_export, files.json))

    def account(self, files: Files) -> str:
        chats = (chat for file in files.json if _is_export(file) for chat in peek(file, _UNDER))
        found = {name_in(chat, "user_id") for chat in chats if isinstance(chat, dict)} - {""}
        if len(found) > 1:
            raise ArchiveError(
                "These files come from more than one Qwen account. Import them one at a time."
            )
        return next(iter(found), "")

    def records(self, files: Files) -> Iterator[Record]:
        copies, known = Copies(), [file for file in files.json if _is_export(file)]

        def read(entry: object, where: str) -> Iterator[Record]:
            raw = an_object(entry, "chat")
            if copies.is_new(identity(raw, where), moment(raw.get("updated_at"))):
                yield from read_chat(raw, where)

        for file in known:
            yield from each(items(file, _UNDER), f"{file.where}, entry", read)
        places = {file.where for file in known}
        yield from not_known(file for file in files.json if file.where not in places)


def _is_export(file: File) -> bool:
    known = _OUTER.match(file.start) is not None and _UNDER in lists_in(file)
    return known and any(map(is_chat, peek(file, _UNDER)))
