"""A folder of Markdown: each file is a memory, or each list item of its files is."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from connectors.base.errors import (
    ItemError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import setting
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Page, Room
from connectors.folder.bullets import Bullet, added, bullets, put, without
from connectors.folder.entries import as_bytes, file_name, items, of_file, of_items, words
from connectors.folder.text import note, own, replaced
from connectors.folder.tree import LARGEST, File, Tree

_UNSAFE = "This text cannot be written into the file so that it reads the same again."


@dataclass(frozen=True)
class Options:
    path: str = setting(
        "Folder", help="Its whole path on the machine where Satchel runs, such as /home/ana/notes."
    )
    layout: str = setting(
        "A memory is",
        default="file",
        choices=(("file", "one file"), ("bullet", "one item of a list")),
        help="Files suit Obsidian, Basic Memory and Claude Code's memory folder; list items suit"
        " CLAUDE.md, AGENTS.md and other files with one thing to remember on each line.",
    )
    pattern: str = setting(
        "Files", default="*.md", help="Which ones by name, such as CLAUDE.md. Folders count too."
    )
    inbox: str = setting(
        "New memories go to",
        default="Satchel",
        help="A folder inside that one, or the file of that name where list items are memories.",
    )


class Folder(Connector):
    slug = "folder"
    name = "The folder"
    docs_url = "https://commonmark.org/help/"
    capabilities = Capability.WRITE
    room = Room(text=LARGEST // 4)
    quirks = (
        "A file that is moved or renamed counts as deleted and new, and so does a list item whose"
        " words change; the same words elsewhere are known again.",
        "Frontmatter stays as it is: of a file that is there, only the text is changed.",
        "A list item keeps neither kind nor title; the heading above it is shown as its title.",
        "Hidden files and folders, links to elsewhere and files larger than 1 MB are left alone.",
        "An editor that saves in the very moment of a change may overwrite it.",
        "Deleting removes the file or the line. There is no bin.",
    )
    per_minute = 10_000
    reaches = "machine"
    Options = Options

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        self.tree = Tree(options.path)

    def check(self) -> Account:
        root = Path(self.options.path)
        if not root.is_absolute():
            raise Misconfigured("Give the whole path, beginning with /.", "path")
        if not root.is_dir():
            raise Unavailable("There is no such folder on the machine where Satchel runs.")
        self.tree.paths()
        return Account(f"{self.options.layout}:{root.resolve()}", str(root))

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """A page a file. One that goes while it is listed breaks it off: whether it alone is gone,
        or all of them are, the next listing shows."""
        for path in self.tree.paths():
            if fnmatchcase(PurePosixPath(path).name, self.options.pattern):
                yield Page(self._entries(path))

    def create(self, item: Item, key: str) -> Entry:
        return self._add_item(item) if self._by_item else self._add_file(item, key)

    def update(self, entry: Entry, item: Item) -> Entry:
        path, file, bullet = self._found(entry)
        said, text = note(file.content), words(item)
        if bullet is None:
            return self._put(path, file, said.head + replaced(said.body, text), text, [text])
        wanted = [text if one == bullet else one.text for one in bullets(said.body)]
        return self._put(path, file, said.head + put(said.body, bullet, text), text, wanted)

    def delete(self, entry: Entry) -> None:
        path, file, bullet = self._found(entry)
        if bullet is None:
            self.tree.remove(path, file.content)
            return
        said = note(file.content)
        content = as_bytes(said.head + without(said.body, bullet))
        self._must_read(path, content, [one.text for one in bullets(said.body) if one != bullet])
        self.tree.replace(path, file.content, content)

    @property
    def _by_item(self) -> bool:
        return bool(self.options.layout == "bullet")

    def _entries(self, path: str) -> list[Entry]:
        try:
            return self._of(path, self.tree.read(path))
        except NotFound as error:
            raise Unavailable("The folder changed while it was listed.") from error
        except ItemError as error:
            return [Entry(path, "", None, unreadable=str(error))]

    def _of(self, path: str, file: File) -> list[Entry]:
        if not self._by_item:
            return [of_file(path, file)]
        return of_items(items(path, note(file.content).body))

    def _found(self, entry: Entry) -> tuple[str, File, Bullet | None]:
        """What is there now, if it is what was seen."""
        path = entry.remote_id.rpartition("#")[0] if self._by_item else entry.remote_id
        file = self.tree.read(path)
        now = {one.remote_id: one for one in self._of(path, file)}
        if entry.remote_id not in now:
            raise NotFound("This list item is not there any more.")
        if now[entry.remote_id].etag != entry.etag:
            raise PreconditionFailed("This was changed meanwhile.")
        if not self._by_item:
            return path, file, None
        return path, file, items(path, note(file.content).body)[entry.remote_id]

    def _add_file(self, item: Item, key: str) -> Entry:
        """Named by its key: the same write again finds the file there."""
        path = str(PurePosixPath(self.options.inbox) / file_name(item, key))
        content = as_bytes(own(key, item.kind, item.title) + words(item) + "\n")
        self._must_read(path, content, [words(item)])
        try:
            self.tree.add(path, content)
        except PreconditionFailed:
            if self.tree.read(path).content != content:
                raise
        return of_file(path, self.tree.read(path))

    def _add_item(self, item: Item) -> Entry:
        path, text = f"{self.options.inbox}.md", words(item)
        try:
            file = self.tree.read(path)
        except NotFound:
            content = as_bytes(added("", text))
            self._must_read(path, content, [text])
            self.tree.add(path, content)
            return self._with_text(path, text)
        said = note(file.content)
        wanted = [*(one.text for one in bullets(said.body)), text]
        return self._put(path, file, said.head + added(said.body, text), text, wanted)

    def _put(self, path: str, file: File, after: str, text: str, wanted: list[str]) -> Entry:
        content = as_bytes(after)
        self._must_read(path, content, wanted)
        self.tree.replace(path, file.content, content)
        return self._with_text(path, text)

    def _must_read(self, path: str, content: bytes, wanted: list[str]) -> None:
        """Before anything is written: that it reads as meant, and all else as before."""
        read = [one.item.text for one in self._of(path, File(content)) if one.item]
        if read != wanted:
            raise Rejected(_UNSAFE)

    def _with_text(self, path: str, text: str) -> Entry:
        entries = self._of(path, self.tree.read(path))
        found = [one for one in entries if one.item and one.item.text == text]
        if not found:
            raise PreconditionFailed("This file was changed meanwhile.")
        return found[-1]
