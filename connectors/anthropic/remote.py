"""A memory store of Anthropic's platform: the files that agents keep under /mnt/memory."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed, Rejected
from connectors.base.kinds import KINDS, kind_of
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import each_page, the_list, the_mark
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page, Room

_BYTES = 102_400
_TITLE = 100
_OURS = re.compile(r"(?P<kind>[a-z]+)/(?:(?P<title>.+) \()?(?P<key>[A-Za-z0-9-]{1,64})\)?\.md")


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="From platform.claude.com, under API keys.")
    store_id: str = setting("Memory store id", help="It starts with memstore_.")
    folder: str = setting(
        "Folder", default="satchel", help="Where in the store Satchel puts what it writes."
    )
    workspace_id: str = setting(
        "Workspace id", default="", help="Only for a key that works in several workspaces."
    )
    redact: bool = setting(
        "Redact earlier versions",
        default=True,
        help="When a memory is deleted, also empty the versions of it that Anthropic keeps.",
    )
    base_url: str = address("API address", default="https://api.anthropic.com")


class AnthropicMemoryStore(RestConnector):
    slug = "anthropic"
    name = "Anthropic memory store"
    docs_url = "https://platform.claude.com/docs/en/managed-agents/memory"
    capabilities = Capability.WRITE
    room = Room(text=_BYTES)
    quirks = (
        "This is the memory of agents on the developers' platform: what Claude remembers in its "
        "app has no API.",
        "Kind and title are part of a file's path; files of others come as documents, and keep "
        "their path when they are changed.",
        "Earlier versions of a file stay at Anthropic for a while. Those of a deleted one are "
        "emptied, unless you switch that off; those of a changed one are not.",
        "One file holds 102,400 bytes, which is fewer letters where they are not plain Latin.",
    )
    per_minute = 300
    Options = Options

    def headers(self) -> dict[str, str]:
        space = self.options.workspace_id
        return {
            "x-api-key": self.options.api_key,
            "anthropic-version": "2026-10-21",
            "anthropic-beta": "agent-memory-2026-07-22",
            **({"anthropic-workspace-id": space} if space else {}),
        }

    def check(self) -> Account:
        store = self.get(self._store)
        note = " (archived: it can be read and emptied)" if store.get("archived_at") else ""
        return Account(store["id"], store["name"] + note)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            params = {"view": "full", "limit": 20, **({"page": mark} if mark else {})}
            answer = self.get(f"{self._store}/memories", params=params)
            return the_list(answer, "data"), the_mark(answer, "next_page")

        for found in each_page(fetch):
            if any(one["type"] != "memory" for one in found):  # a folder stands for what is in it
                raise BadResponse(f"{self.name} left out what is in its folders.")
            yield Page([self._entry(one) for one in found])

    def create(self, item: Item, key: str) -> Entry | None:
        body = {"path": self._path(item, key), "content": _fitting(item.text)}
        try:
            return self._entry(
                self.post(f"{self._store}/memories", params={"view": "full"}, json=body)
            )
        except PreconditionFailed:
            return None  # its path has the key in it: an earlier attempt got through

    def update(self, entry: Entry, item: Item) -> Entry:
        now = {"type": "content_sha256", "content_sha256": entry.etag[:64]}
        body = {"content": _fitting(item.text), "precondition": now}
        if key := self._told(entry.etag[64:])[0]:
            body["path"] = self._path(item, key)
        params = {"view": "full"}
        return self._entry(self.post(self._memory(entry.remote_id), params=params, json=body))

    def delete(self, entry: Entry) -> None:
        with suppress(NotFound):  # its versions may still be there
            params = {"expected_content_sha256": entry.etag[:64]}
            self.request("DELETE", self._memory(entry.remote_id), params=params)
        if self.options.redact:
            self._redact(entry.remote_id)

    def _redact(self, memory_id: str) -> None:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            params = {"memory_id": memory_id, "limit": 100, **({"page": mark} if mark else {})}
            answer = self.get(f"{self._store}/memory_versions", params=params)
            return the_list(answer, "data"), the_mark(answer, "next_page")

        for version in [one for page in each_page(fetch) for one in page]:
            if not version.get("redacted_at"):
                version_id = quote(version["id"], safe="")
                self.post(f"{self._store}/memory_versions/{version_id}/redact")

    @property
    def _store(self) -> str:
        return f"/v1/memory_stores/{quote(self.options.store_id, safe='')}"

    def _memory(self, memory_id: str) -> str:
        return f"{self._store}/memories/{quote(memory_id, safe='')}"

    @property
    def _folder(self) -> str:
        return f"/{self.options.folder.strip('/')}/"

    def _path(self, item: Item, key: str) -> str:
        title = _title(item.title)
        return f"{self._folder}{item.kind}/{f'{title} ({key})' if title else key}.md"

    def _told(self, path: str) -> tuple[str, Kind, str]:
        """Key, kind and title that a path tells; those of a document of others without a key."""
        found = _OURS.fullmatch(path.removeprefix(self._folder))
        if path.startswith(self._folder) and found and found["kind"] in KINDS:
            return found["key"], kind_of(found["kind"]), found["title"] or ""
        return "", "document", path.strip("/")

    def _entry(self, memory: Any) -> Entry:
        path, text = memory["path"], memory["content"]
        etag = memory["content_sha256"] + path
        key, kind, title = self._told(path)
        if text == "":
            return Entry(memory["id"], etag, None, key, "This file is empty.")
        made, changed = moment(memory["created_at"]), moment(memory["updated_at"])
        item = Item(text, kind, title=title, created_at=made, updated_at=changed)
        return Entry(memory["id"], etag, item, key)


def _title(title: str) -> str:
    """`title` as a path may hold it: composed, on one line, without signs that are not shown."""
    shown = (" " if unicodedata.category(one)[0] in "CZ" or one == "/" else one for one in title)
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())[:_TITLE].strip()


def _fitting(text: str) -> str:
    if len(text.encode()) > _BYTES:
        raise Rejected("This memory is longer than the 102,400 bytes that fit into one file.")
    return text
