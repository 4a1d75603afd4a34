"""Letta's memory files: Markdown in a git repository, one for each agent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar, Literal

import httpx

from connectors.base.errors import (
    CursorExpired,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import secret, setting
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page, Room
from connectors.letta.frontmatter import Document
from connectors.letta.repository import Blob, Moved, Repository

PAGE, TRIES = 100, 3
_BYTES = 262_144
_INDEX = "MEMORY.md"
_ADDRESS = re.compile(r"https://[A-Za-z0-9.\[\]:-]+/[^\s@?#]*|/[^\0\n]*")
_NAME = re.compile(r"(?![-./])(?!.*(\.\.|//|/\.))[A-Za-z0-9._/-]*(?<![./])|")
_KINDS: dict[str, Kind] = {"human": "profile", "persona": "instruction", "SKILL": "skill"}


@dataclass(frozen=True)
class Options:
    repository: str = setting(
        "Repository", help="https://api.letta.com/v1/git/<agent id>/state.git, or a path here."
    )
    token: str = secret("API key", default="", help="A path needs none.")
    username: str = setting("User name", default="letta", help="It is letta at Letta.")
    branch: str = setting("Branch", default="", help="Leave empty for the usual one.")
    folder: str = setting(
        "Folder for new files",
        default="reference/satchel",
        help="Files in system are in front of the agent all the time, others when it looks.",
    )


class LettaFiles(Connector):
    slug = "letta-files"
    name = "Letta memory files"
    docs_url = "https://docs.letta.com/letta-agent/concepts/memfs"
    capabilities = Capability.WRITE | Capability.DELTA
    room = Room(text=_BYTES // 4)
    quirks = (
        "Files have no kinds, and no times of their own.",
        "What others wrote keeps its head as it is: only the text below it is changed.",
        "Files that Letta marks as read-only are read, and never changed.",
        "A path must lead to a bare repository; its hooks are not run.",
    )
    per_minute = 600
    reaches: ClassVar[Literal["network", "machine"]] = "machine"
    Options = Options

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        self._opened: Repository | None = None

    def check(self) -> Account:
        self._repository().newest()
        space = "#".join(filter(None, (self.options.repository, self.options.branch)))
        return Account(id=space, label=space)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        repository = self._repository()
        if cursor and repository.newest() != cursor:
            raise CursorExpired("The repository has changed.")
        if cursor:
            yield Page([], cursor)
            return
        repository.fetch()
        files = [(path, blob) for path, blob in repository.files().items() if _is_memory(path)]
        for at in range(0, len(files), PAGE):
            yield Page(self._entries(files[at : at + PAGE]))
        yield Page([], repository.commit)

    def create(self, item: Item, key: str) -> Entry:
        path = f"{self.options.folder}/{key}.md"
        for _ in range(TRIES):
            files = self._files()
            if path not in files:
                made = {path: _new(item, _INDEX in files), **self._missing_indexes(files)}
                if not self._pushed(made, "Add a memory"):
                    continue
            return self._entry(path)
        raise Unavailable("The repository changes faster than it can be written to.")

    def update(self, entry: Entry, item: Item) -> Entry:
        for _ in range(TRIES):
            files, before = self._files(), self._unchanged(entry)
            if entry.key:
                after = _new(item, _INDEX in files)
            else:
                after = str(Document(before.head, item.text + "\n")).encode()
            if self._pushed({entry.remote_id: after}, "Change a memory"):
                return self._entry(entry.remote_id)
        raise PreconditionFailed("The repository changes faster than it can be written to.")

    def delete(self, entry: Entry) -> None:
        for _ in range(TRIES):
            self._unchanged(entry)
            if self._pushed({entry.remote_id: None}, "Remove a memory"):
                return
        raise PreconditionFailed("The repository changes faster than it can be written to.")

    def close(self) -> None:
        if self._opened:
            self._opened.close()
            self._opened = None

    def _repository(self) -> Repository:
        if self._opened is None:
            given = self.options
            if not _ADDRESS.fullmatch(given.repository):
                raise Misconfigured(
                    "The repository is an address that begins with https://, or a whole path.",
                    "repository",
                )
            for name in ("branch", "folder"):
                if not _NAME.fullmatch(getattr(given, name)):
                    raise Misconfigured("This name cannot be used in git.", name)
            self._opened = Repository(
                given.repository, branch=given.branch, username=given.username, token=given.token
            )
        return self._opened

    def _files(self) -> dict[str, Blob]:
        repository = self._repository()
        if not repository.commit:
            repository.fetch()
        return repository.files()

    def _pushed(self, changes: dict[str, bytes | None], message: str) -> bool:
        try:
            self._repository().push(changes, message)
        except Moved:
            self._repository().fetch()
            return False
        return True

    def _unchanged(self, entry: Entry) -> Document:
        blob = self._files().get(entry.remote_id)
        if blob is None:
            raise NotFound("The file is gone.")
        if blob.sha != entry.etag:
            raise PreconditionFailed("The file changed.")
        content = Document.of(self._repository().read([blob.sha])[blob.sha].decode())
        if content.get("read_only") == "true":
            raise Rejected("This file is marked as read-only in Letta.")
        return content

    def _missing_indexes(self, files: dict[str, Blob]) -> dict[str, bytes | None]:
        """Where the root has an index, every folder needs one too."""
        if _INDEX not in files:
            return {}
        folders = [PurePosixPath(self.options.folder), *PurePosixPath(self.options.folder).parents]
        wanted = [str(folder / _INDEX) for folder in folders]
        text = b"# Memories kept by Satchel\n\nOne file for each memory.\n"
        return {path: text for path in wanted if path not in files}

    def _entry(self, path: str) -> Entry:
        return self._entries([(path, self._files()[path])])[0]

    def _entries(self, files: list[tuple[str, Blob]]) -> list[Entry]:
        read = self._repository().read(blob.sha for _, blob in files if not _refused(blob))
        return [self._as_entry(path, blob, read.get(blob.sha, b"")) for path, blob in files]

    def _as_entry(self, path: str, blob: Blob, content: bytes) -> Entry:
        why = _refused(blob)
        try:
            document = Document.of(content.decode())
        except UnicodeDecodeError:
            why = "This file is not text in UTF-8."
        text = "" if why else document.body.strip("\r\n")
        if not text:
            return Entry(path, blob.sha, None, unreadable=why or "This file is empty.")
        named = document.get("name") or document.get("description")
        key = PurePosixPath(path).stem if path.startswith(f"{self.options.folder}/") else ""
        kind = _KINDS.get(PurePosixPath(path).stem, "fact")
        title = "" if named == _headline(text) else named
        return Entry(path, blob.sha, Item(text, kind=kind, title=title), key=key)


def _is_memory(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if not path.endswith(".md") or parts[-1] == _INDEX or any(one[0] == "." for one in parts):
        return False
    return parts[0] != "skills" or (len(parts) == 3 and parts[-1] == "SKILL.md")


def _refused(blob: Blob) -> str:
    if not blob.mode.startswith("100"):
        return "This is a link to something else."
    return "This file is too long for a memory." if blob.size > _BYTES else ""


def _new(item: Item, with_names: bool) -> bytes:
    """A file of ours. The newer layout, which has an index, wants a name as well."""
    said = " ".join(item.title.split()) or _headline(item.text)
    values = {"name": said, "description": said} if with_names else {"description": said}
    return str(Document.made(values, item.text + "\n")).encode()


def _headline(text: str) -> str:
    return " ".join(text.split())[:100]
