"""Reads a Grok data export: a zip with everything said and all projects in one JSON file."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_cutter import Cutter
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import Json, an_object
from connectors.base.types import Unreadable
from connectors.xai.conversation import identity, is_conversation, read_conversation
from connectors.xai.mongo import id_in, time_in
from connectors.xai.projects import is_project, read_project

_CONVERSATIONS, _PROJECTS = "conversations", "projects"
_CHUNK = 1 << 16

# The account with its devices, and its bills: personal, and no memories in them. Never read.
_PASSED_OVER = frozenset(("prod-mc-auth-mgmt-api.json", "prod-mc-billing.json"))
_GIVEN = "prod-mc-asset-server"  # files the person gave to Grok; one may look like an export


class Grok(Archive):
    vendor = "xai"
    what = "Grok data export"

    def recognise(self, files: Files) -> bool:
        return bool(_exports(files))

    def account(self, files: Files) -> str:
        accounts = {_owner(file) for file in _exports(files)} - {""}
        if len(accounts) > 1:
            raise ArchiveError(
                "These files come from more than one Grok account. Import them one at a time."
            )
        return next(iter(accounts), "")

    def records(self, files: Files) -> Iterator[Record]:
        exports, copies = _exports(files), Copies()
        for file in exports:
            if _has_list(file, _PROJECTS):
                yield from _records(file, _PROJECTS, copies)
            yield from _records(file, _CONVERSATIONS, copies)
        known = {file.where for file in exports}
        folders = {PurePosixPath(file.where).parent for file in exports}
        yield from not_known(
            file
            for file in files.json
            if PurePosixPath(file.where).parent in folders
            and file.where not in known
            and file.name not in _PASSED_OVER
        )


def _exports(files: Files) -> list[File]:
    """The files that hold what was said to Grok, by their structure."""
    return [
        file
        for file in files.json
        if _GIVEN not in PurePosixPath(file.where).parts
        and file.name not in _PASSED_OVER
        and (any(map(is_conversation, peek(file, _CONVERSATIONS))) or _only_projects(file))
    ]


def _only_projects(file: File) -> bool:
    small = file.size <= file.limits.item_bytes
    return small and _PROJECTS in lists_in(file) and any(map(is_project, peek(file, _PROJECTS)))


def _has_list(file: File, under: str) -> bool:
    """Whether `file` is an object with a list under that key."""
    cutter = Cutter(under, file.limits)
    if not file.start.startswith(b"{") or file.has_lines:
        return False
    try:
        with file.open() as stream:
            while not cutter.began and (chunk := stream.read(_CHUNK)):
                cutter.feed(chunk)
    except ArchiveError:
        return cutter.began  # the damage is reported where the conversations are read
    return cutter.began


def _owner(file: File) -> str:
    """Whose export it is: the first conversation that says so, as others may have been shared."""
    found = (entry for entry in peek(file, _CONVERSATIONS) if is_conversation(entry))
    return next(filter(None, (id_in(entry["conversation"], "user_id") for entry in found)), "")


def _records(file: File, under: str, copies: Copies) -> Iterator[Record]:
    for number, entry in enumerate(items(file, under), 1):
        where = f"{file.where}, {'entry' if under == _CONVERSATIONS else 'project'} {number}"
        if isinstance(entry, Unreadable):
            yield Unreadable(where, entry.reason)
            continue
        try:
            raw = an_object(entry, "entry")
            yield from (_conversation if under == _CONVERSATIONS else _project)(raw, where, copies)
        except ItemError as error:
            yield Unreadable(where, str(error))


def _conversation(raw: Json, where: str, copies: Copies) -> Iterator[Record]:
    head = raw.get("conversation")
    changed = time_in(head, "modify_time") if isinstance(head, dict) else None
    if copies.is_new(identity(raw, where), changed):
        yield from read_conversation(raw, where)


def _project(raw: Json, where: str, copies: Copies) -> Iterator[Record]:
    for item in read_project(raw):
        if copies.is_new(item.remote_id, item.updated_at):
            yield item
