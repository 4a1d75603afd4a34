"""Reads a ChatGPT data export: one conversations.json, or numbered parts of it with a manifest."""

from collections.abc import Callable, Iterator
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.limits import Limits
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import document, items, peek
from connectors.base.shape import an_object, name_in
from connectors.base.types import Unreadable
from connectors.openai.conversation import identity, is_conversation, read_conversation
from connectors.openai.listing import asset_names, is_part, left_out
from connectors.openai.remembered import is_memory, memory_item
from connectors.openai.saved import Saved

_UNDER = "conversations"
_MEMORIES = "memories"


class ChatGPT(Archive):
    vendor = "openai"
    what = "ChatGPT data export"

    def recognise(self, files: Files) -> bool:
        holds = any(_any(is_conversation, file, _UNDER) for file in files.json)
        return holds or any("chatgpt_plus_user" in user for user in _users(files))

    def account(self, files: Files) -> str:
        accounts = {name_in(user, "id") for user in _users(files)} - {""}
        if len(accounts) > 1:
            raise ArchiveError(
                "These files come from more than one ChatGPT account. Import them one at a time."
            )
        return next(iter(accounts), "")

    def records(self, files: Files) -> Iterator[Record]:
        saved = Saved(_limits(files))
        memories = [file for file in files.json if _any(is_memory, file, _MEMORIES)]
        for file in memories:
            yield from _memories(file, saved)
        assets, copies, parts = dict(asset_names(files)), Copies(), _parts(files)
        for file in parts:
            yield from _conversations(file, assets, saved, copies)
        yield from saved.items()
        yield from left_out(files, parts, memories)


def _limits(files: Files) -> Limits:
    return next((file.limits for file in files.values()), Limits())


def _any(matches: Callable[[object], bool], file: File, under: str) -> bool:
    return any(matches(entry) for entry in peek(file, under))


def _parts(files: Files) -> list[File]:
    """The files that hold conversations; one that only claims to is read for what is wrong."""
    return [
        file
        for file in files.json
        if _any(is_conversation, file, _UNDER)
        or (is_part(file.name) and not any(True for _ in peek(file, _UNDER)))
    ]


def _conversations(
    file: File, assets: dict[str, str], saved: Saved, copies: Copies
) -> Iterator[Record]:
    for number, entry in enumerate(items(file, _UNDER), 1):
        if isinstance(entry, Unreadable):
            yield entry
            continue
        where = f"{file.where}, entry {number}"
        try:
            if _is_new(entry, copies):
                yield from read_conversation(entry, where, assets, saved)
        except ItemError as error:
            yield Unreadable(where, str(error))


def _is_new(entry: object, copies: Copies) -> bool:
    """Whether this conversation was not read yet, or only an older copy of it."""
    raw = an_object(entry, "entry")
    if "mapping" not in raw:
        return True
    return copies.is_new(identity(raw), moment(raw.get("update_time")))


def _memories(file: File, saved: Saved) -> Iterator[Record]:
    for number, entry in enumerate(items(file, _MEMORIES), 1):
        if isinstance(entry, Unreadable):
            yield entry
            continue
        try:
            item = memory_item(entry)
            saved.claim(item.kind, item.text)
            yield item
        except ItemError as error:
            yield Unreadable(f"{file.where}, entry {number}", str(error))


def _users(files: Files) -> list[dict[str, Any]]:
    return [user for file in files.named("user.json") if isinstance(user := document(file), dict)]
