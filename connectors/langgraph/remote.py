"""LangGraph's store: documents in namespaces, served by LangGraph Platform or `langgraph dev`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from connectors.base.errors import (
    BadResponse,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Unavailable,
)
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page

PAGE = 100
TRIES = 3


@dataclass(frozen=True)
class Options:
    base_url: str = address("Server address", help="For langgraph dev: http://127.0.0.1:2024")
    namespace: str = setting("Namespace", help="Its labels with dots between: memories.ada")
    field: str = setting("Field with the text", default="content", help="LangMem's is content.")
    api_key: str = secret("API key", default="", help="langgraph dev needs none.")


class LangGraph(RestConnector):
    slug = "langgraph"
    name = "LangGraph"
    docs_url = "https://docs.langchain.com/langsmith/server-api-ref"
    capabilities = Capability.WRITE
    quirks = (
        "Only documents of this very namespace are used, none of those below it.",
        "A document that changes within the moment between our look and our write is overwritten.",
    )
    Options = Options

    def headers(self) -> dict[str, str]:
        key = self.options.api_key
        return {"x-api-key": key} if key else {}

    def check(self) -> Account:
        for found in self._search(offset=0, limit=1):
            self._entry(found)
        space = f"{urlsplit(self.base_url).netloc}/{self.options.namespace}"
        return Account(id=space, label=space)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        for _ in range(TRIES):
            if (found := self._all()) is not None:
                yield from (Page(found[at : at + PAGE]) for at in range(0, len(found), PAGE))
                return
        raise Unavailable("LangGraph changes faster than it can be listed.")

    def create(self, item: Item, key: str) -> Entry:
        there = self._read(key)
        if there is None:
            self._put(key, {self.options.field: item.text, **marks(item, key)})
        return self._entry(there or self._must_read(key))

    def update(self, entry: Entry, item: Item) -> Entry:
        value = self._unchanged(entry)["value"] | {self.options.field: item.text}
        self._put(entry.remote_id, value | (marks(item, entry.key) if entry.key else {}))
        return self._entry(self._must_read(entry.remote_id))

    def delete(self, entry: Entry) -> None:
        self._unchanged(entry)
        body = {"namespace": self._namespace, "key": entry.remote_id}
        self.request("DELETE", "/store/items", json=body)

    def _all(self) -> list[Entry] | None:
        """Every entry; None if something moved from one page to another meanwhile.

        Each page begins with the last one of the page before, or nobody could tell.
        """
        found, names = self._search(offset=0, limit=PAGE), dict[tuple[str, ...], Entry]()
        while True:
            fresh = {_name(one): self._entry(one) for one in found if _name(one) not in names}
            names |= fresh
            if len(found) < 2:
                return [entry for name, entry in names.items() if self._is_ours(name)]
            if not fresh:
                raise BadResponse("LangGraph listed the same documents again.")
            found, last = self._search(offset=len(names) - 1, limit=PAGE), _name(found[-1])
            if not found or _name(found[0]) != last:
                return None

    def _search(self, *, offset: int, limit: int) -> list[dict[str, Any]]:
        body = {"namespace_prefix": self._namespace, "limit": limit, "offset": offset}
        found: list[dict[str, Any]] = self.post("/store/items/search", json=body)["items"]
        if not isinstance(found, list):
            raise BadResponse("LangGraph answered in a form that is not known.")
        return found

    def _read(self, key: str) -> dict[str, Any] | None:
        params = {"namespace": self.options.namespace, "key": key}
        found: dict[str, Any] | None = self.get("/store/items", params=params)
        return found

    def _must_read(self, key: str) -> dict[str, Any]:
        if (found := self._read(key)) is None:
            raise NotFound("The document is gone.")
        return found

    def _unchanged(self, entry: Entry) -> dict[str, Any]:
        found = self._must_read(entry.remote_id)
        if self._entry(found).etag != entry.etag:
            raise PreconditionFailed("The document changed in LangGraph.")
        return found

    def _put(self, key: str, value: dict[str, Any]) -> None:
        self.put("/store/items", json={"namespace": self._namespace, "key": key, "value": value})

    def _entry(self, found: dict[str, Any]) -> Entry:
        value, key = found["value"], found["key"]
        times = moment(found["created_at"]), moment(found["updated_at"])
        text = value.get(self.options.field)
        entry = entry_with(key, text, value, created_at=times[0], updated_at=times[1])
        return entry if entry.item else replace(entry, unreadable=self._without_text())

    def _without_text(self) -> str:
        return f"This document has no text in its field “{self.options.field}”."

    def _is_ours(self, name: tuple[str, ...]) -> bool:
        """The server may compare the beginnings of names: memories.ada finds memories.adam too."""
        return list(name[:-1]) == self._namespace

    @property
    def _namespace(self) -> list[str]:
        labels: list[str] = self.options.namespace.split(".")
        if not all(labels):
            raise Misconfigured("A namespace is labels with dots between them.", "namespace")
        return labels


def _name(found: dict[str, Any]) -> tuple[str, ...]:
    return (*found["namespace"], found["key"])
