"""MCP Memory Service, by its REST API: memories are known by a hash of their text.

What is relied on here was read in its source, version 12.4.0, and tried.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed, Rejected, Unavailable
from connectors.base.kinds import kind_of
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page

_PATH = "/api/memories"
_PAGE_SIZE = 100
_HASH = 64
_CUT = "This is one piece of a memory that the server cut up."


@dataclass(frozen=True)
class Options:
    base_url: str = address("Address", default="http://127.0.0.1:8000")
    api_key: str = secret("API key", default="", help="What the server was given as MCP_API_KEY.")
    store: str = setting("Store", default="default", help="Which part of the server, if it has.")


class McpMemoryService(RestConnector):
    slug = "mcp_memory_service"
    name = "MCP Memory Service"
    docs_url = "https://github.com/doobidoo/mcp-memory-service"
    capabilities = Capability.WRITE
    quirks = (
        "A memory is known there by its words: one that is changed counts as deleted and new.",
        "Two memories that differ only in capital letters are one there.",
        "What is deleted stays in the server's database until it purges that.",
        "A server that cuts long texts makes memories of the pieces; they are left alone.",
    )
    per_minute = 600
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.options.api_key} if self.options.api_key else {}

    def check(self) -> Account:
        the_list(self._page(1, 1), "memories")
        host = httpx.URL(self.base_url).netloc.decode()
        return Account(f"{host}|{self.options.store}", f"{self.options.store} at {host}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """The newest come first: while one goes, another may slip from one page to the one before.
        So what came is counted in the end."""
        seen: set[str] = set()
        number, more = 1, True
        while more:
            answer = self._page(number, _PAGE_SIZE)
            rows = [row for row in the_list(answer, "memories") if row["content_hash"] not in seen]
            seen |= {row["content_hash"] for row in rows}
            yield Page([_entry(row) for row in rows])
            number, more = number + 1, answer["has_more"] is True and bool(rows)
        if len(seen) != answer["total"]:
            raise Unavailable(f"{self.name} changed while it was listed.")
        if not seen:
            self._must_work()

    def create(self, item: Item, key: str) -> Entry:
        body = {
            "content": item.text,
            "tags": ["satchel"],
            "metadata": _metadata(item, key),
            "conversation_id": key or "satchel",  # else it drops what reads like another memory
            "restore_deleted": True,
            "store": self.options.store,
        }
        made = self.post(_PATH, json=body)
        if made["success"] is not True:
            return self._there_already(item)
        if made["memory"]["content"] != item.text:
            raise Rejected(f"{self.name} does not keep this text in one piece.")
        return _entry(made["memory"])

    def update(self, entry: Entry, item: Item) -> Entry:
        there = self._must_be_as(entry)
        if _hash(item.text) != entry.remote_id:
            made = self.create(item, entry.key)
            self._drop(entry.remote_id)
            return made
        if item.text != there["content"]:  # the same but for capitals: no two of them fit
            self._drop(entry.remote_id)
            return self.create(item, entry.key)
        said = {"metadata": {**there["metadata"], **_metadata(item, entry.key)}}
        changed = self.put(self._at(entry.remote_id), json=said, params=self._store)
        return _entry(changed["memory"])

    def delete(self, entry: Entry) -> None:
        self._must_be_as(entry)
        self._drop(entry.remote_id)

    @property
    def _store(self) -> dict[str, str]:
        return {"store": self.options.store}

    def _page(self, number: int, size: int) -> Any:
        return self.get(_PATH, params={"page": number, "page_size": size, **self._store})

    def _must_work(self) -> None:
        """Its listing is empty also when its database fails. This one says so by a 500, where the
        server has it; older ones look for a memory of that name."""
        with suppress(NotFound):
            self.get(f"{_PATH}/hashes", params={"limit": 1})

    def _there_already(self, item: Item) -> Entry:
        try:
            return _entry(self.get(self._at(_hash(item.text)), params=self._store))
        except NotFound:
            raise Rejected(f"{self.name} refuses this memory.") from None

    def _must_be_as(self, entry: Entry) -> Any:
        there = self.get(self._at(entry.remote_id), params=self._store)
        if _entry(there).etag != entry.etag:
            raise PreconditionFailed("This memory was changed meanwhile.")
        return there

    def _drop(self, hash: str) -> None:
        if self.request("DELETE", self._at(hash), params=self._store)["success"] is not True:
            raise Unavailable(f"{self.name} did not delete this.")

    def _at(self, hash: str) -> str:
        if len(hash) != _HASH or not hash.isalnum():
            raise BadResponse(f"{self.name} has a memory whose hash is none.")
        return f"{_PATH}/{hash}"


def _hash(text: str) -> str:
    """As the server makes it."""
    return sha256(text.strip().lower().encode()).hexdigest()


def _metadata(item: Item, key: str) -> dict[str, str]:
    return {"satchel": key, "kind": item.kind, "title": item.title}


def _entry(row: dict[str, Any]) -> Entry:
    kept = row["metadata"] or {}
    key, title, text = str(kept.get("satchel", "")), str(kept.get("title", "")), row["content"]
    kind = kind_of(kept.get("kind"))
    etag = sha256("\x1f".join((kind, title, text)).encode("utf-8", "surrogatepass")).hexdigest()
    if key and "chunk_index" in kept:
        return Entry(row["content_hash"], etag, None, unreadable=_CUT)
    times = moment(row["created_at"]), moment(row["updated_at"])
    item = Item(text, kind, title=title, created_at=times[0], updated_at=times[1])
    return Entry(row["content_hash"], etag, item, key)
