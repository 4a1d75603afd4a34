"""Reads a Claude data export: one zip, or since August 2026 one per category with a manifest."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from connectors.anthropic import memories
from connectors.anthropic.conversation import identity, is_conversation, read_conversation
from connectors.anthropic.projects import is_project, read_project
from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.moments import moment
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import items, peek
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import a_list_in, an_object, name_in
from connectors.base.types import Item, Unreadable

_READ_CATEGORIES = ("conversations", "projects", "memories")
_PASSED_OVER = frozenset(("login_history.json",))
_PASSED_OVER_FOLDERS = frozenset(("reflections",))
_COPY_NUMBER = re.compile(r" ?\(\d+\)(?=\.)")  # what browsers add to the second download


class Claude(Archive):
    vendor = "anthropic"
    what = "Claude data export"

    def recognise(self, files: Files) -> bool:
        return any(_kind(file) for file in files.json)

    def account(self, files: Files) -> str:
        named: set[str] = set()
        users: set[str] = set()
        for file in files.json:
            for entry in peek(file):
                if is_conversation(entry) or _is_memory(entry):
                    named.add(_owner(entry))
                elif _is_user(entry):
                    users.add(name_in(entry, "uuid"))
        accounts = (named - {""}) or (users - {""})
        if len(accounts) > 1:
            raise ArchiveError(
                "These files come from more than one Claude account. Import them one at a time."
            )
        return next(iter(accounts), "")

    def records(self, files: Files) -> Iterator[Record]:
        kinds = {file.where: _kind(file) for file in files.json}
        by_kind = {
            kind: [file for file in files.json if kinds[file.where] == kind] for kind in _KINDS
        }
        projects = dict(_project_names(by_kind["project"]))
        copies = Copies()
        for kind in ("project", "memory", "conversation"):
            for file in by_kind[kind]:
                yield from _records(file, kind, projects, copies)
        for file in by_kind["manifest"]:
            yield from _missing(file, files.uploads)
        yield from not_known(file for file in files.json if _is_leftover(file, kinds))


def _is_memory(entry: object) -> bool:
    return isinstance(entry, dict) and bool(memories.KEYS & entry.keys())


def _is_user(entry: object) -> bool:
    contact = {"full_name", "email_address", "verified_phone_number"}
    return isinstance(entry, dict) and "uuid" in entry and bool(contact & entry.keys())


def _is_manifest(entry: object) -> bool:
    listed = entry.get("data_files") if isinstance(entry, dict) else None
    return isinstance(listed, list) and all(isinstance(file, dict) for file in listed)


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "conversation": is_conversation,
    "project": is_project,
    "memory": _is_memory,
    "user": _is_user,
    "manifest": _is_manifest,
}


def _kind(file: File) -> str:
    """What `file` holds, by the first entries that can be read; "" if it is not Claude's."""
    for entry in peek(file):
        for kind, matches in _KINDS.items():
            if matches(entry):
                return kind
    return ""


def _owner(entry: object) -> str:
    raw = an_object(entry, "entry")
    account = raw.get("account")
    return name_in(account, "uuid") if isinstance(account, dict) else name_in(raw, "account_uuid")


def _records(
    file: File, kind: str, projects: Mapping[str, str], copies: Copies
) -> Iterator[Record]:
    for number, entry in enumerate(items(file), 1):
        where = f"{file.where}, entry {number}"
        if isinstance(entry, Unreadable):
            yield entry
            continue
        try:
            yield from _entry(entry, kind, where, projects, copies)
        except ItemError as error:
            yield Unreadable(where, str(error))


def _entry(
    entry: object, kind: str, where: str, projects: Mapping[str, str], copies: Copies
) -> Iterator[Record]:
    raw = an_object(entry, "entry")
    if kind == "conversation":
        if copies.is_new(identity(raw), moment(raw.get("updated_at"))):
            yield from read_conversation(raw, where)
        return
    read = read_project(raw, where) if kind == "project" else None
    for record in read or memories.read_memory(raw, where, projects):
        if not isinstance(record, Item) or copies.is_new(record.remote_id, record.updated_at):
            yield record


def _project_names(files: list[File]) -> Iterator[tuple[str, str]]:
    for file in files:
        for entry in items(file):
            if isinstance(entry, dict):
                yield name_in(entry, "uuid"), name_in(entry, "name")


def _missing(manifest: File, uploads: tuple[str, ...]) -> Iterator[Unreadable]:
    """The files that the manifest lists, that would be read, and that were not given."""
    given = {_COPY_NUMBER.sub("", name) for name in uploads}
    for entry in peek(manifest):
        try:
            files = a_list_in(an_object(entry, "manifest"), "data_files")
            listed = [an_object(file, "list of files") for file in files]
        except ItemError as error:
            yield Unreadable(manifest.where, str(error))
            continue
        for file in listed:
            name = name_in(file, "filename")
            if name_in(file, "category") in _READ_CATEGORIES and name and name not in given:
                reason = "The manifest lists this file. Add it to get everything."
                yield Unreadable(name, reason)


def _is_leftover(file: File, kinds: Mapping[str, str]) -> bool:
    folder = PurePosixPath(file.where).parent.name
    passed_over = file.name in _PASSED_OVER or folder in _PASSED_OVER_FOLDERS
    return not kinds[file.where] and not passed_over
