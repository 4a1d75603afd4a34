"""Reads a DeepSeek data export: a zip with conversations.json, and user.json with the account.

Source: public readers of real exports of 2025 and 2026, such as github.com/DavidShiang/DeepSeek2md
and github.com/ceyaima/deepseek-exporter. There are no memories in it, as far as is known.
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import document, items, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object, name_in
from connectors.deepseek.conversation import identity, is_conversation, read_conversation

_USER = "user.json"  # who it is, with mail address and telephone: only the id is looked at


class DeepSeek(Archive):
    vendor = "deepseek"
    what = "DeepSeek data export"

    def recognise(self, files: Files) -> bool:
        return any(map(_is_export, files.json))

    def account(self, files: Files) -> str:
        users = (document(file) for file in files.named(_USER))
        found = {name_in(user, "user_id", "id") for user in users if isinstance(user, dict)} - {""}
        if len(found) > 1:
            raise ArchiveError(
                "These files come from more than one DeepSeek account. Import them one at a time."
            )
        return next(iter(found), "")

    def records(self, files: Files) -> Iterator[Record]:
        copies, known = Copies(), [file for file in files.json if _is_export(file)]

        def read(entry: object, where: str) -> Iterator[Record]:
            raw = an_object(entry, "conversation")
            if copies.is_new(identity(raw, where), moment(raw.get("updated_at"))):
                yield from read_conversation(raw, where)

        for file in known:
            yield from each(items(file), f"{file.where}, entry", read)
        places = {file.where for file in known}
        others = (file for file in files.json if file.where not in places)
        yield from not_known(file for file in others if file.name != _USER)


def _is_export(file: File) -> bool:
    return file.start.startswith(b"[") and any(map(is_conversation, peek(file)))
