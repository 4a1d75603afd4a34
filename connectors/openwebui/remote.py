"""Open WebUI's memories: short texts of one user of an instance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import loads
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed
from connectors.base.live.marks import entry_with
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page

_ALL = "/api/v1/memories/"
_OF_THE_USER = {"profile", "preference", "instruction"}


@dataclass(frozen=True)
class Options:
    base_url: str = address("Address of Open WebUI")
    email: str = setting("Your e-mail there", help="It tells accounts apart.")
    api_key: str = secret(
        "API key", help="Settings, Account, API keys. Whoever runs it must have allowed API keys."
    )


class OpenWebUI(RestConnector):
    slug = "openwebui"
    name = "Open WebUI"
    docs_url = "https://docs.openwebui.com/features/chat-conversations/memory"
    capabilities = Capability.WRITE | Capability.NOTICE
    quirks = (
        "It keeps two kinds, about the user and context; a title becomes the path.",
        "It has no room for a mark of ours: an entry is known again by its words.",
        "An API key does not say whose it is: the e-mail given here names the account.",
        "An entry that changes within the moment between our look and our write is overwritten.",
        "Notices are not signed: they only make us look again.",
    )
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.options.api_key}"}

    def check(self) -> Account:
        self._listing()
        host = urlsplit(self.base_url).netloc
        return Account(f"{host}/{self.options.email.lower()}", f"{self.options.email} at {host}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page(self._listing())

    def create(self, item: Item, key: str) -> Entry:
        return _entry(self.post(f"{_ALL}add", json=_body(item)))

    def update(self, entry: Entry, item: Item) -> Entry:
        self._must_be_unchanged(entry)
        return _entry(self.post(f"{_path(entry)}/update", json=_body(item)))

    def delete(self, entry: Entry) -> None:
        self._must_be_unchanged(entry)
        if not self.request("DELETE", _path(entry)):
            raise NotFound("The memory is gone.")

    def heard(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            notice = loads(body)
            return str(notice["event"]).startswith("memory.")
        except (ValueError, KeyError, TypeError, RecursionError):
            return False

    def _listing(self) -> list[Entry]:
        found = self.get(_ALL)
        if not isinstance(found, list):
            raise BadResponse("Open WebUI answered in a form that is not known.")
        return [_entry(memory) for memory in found]

    def _must_be_unchanged(self, entry: Entry) -> None:
        sought = {"memory_id": entry.remote_id, "limit": 1}
        found = self.post(f"{_ALL}search", json=sought)
        now = {memory["id"]: _entry(memory) for memory in found}
        if entry.remote_id not in now:
            raise NotFound("The memory is gone.")
        if now[entry.remote_id].etag != entry.etag:
            raise PreconditionFailed("The memory changed in Open WebUI.")


def _path(entry: Entry) -> str:
    return _ALL + quote(entry.remote_id, safe="")


def _body(item: Item) -> dict[str, str]:
    parts = " ".join(item.title.split()).strip("/").split("/")
    path = "" if {"", ".", ".."} & set(parts) else "/".join(parts)
    about = "user" if item.kind in _OF_THE_USER else "context"
    return {"content": item.text, "type": about, "path": path}


def _entry(memory: dict[str, Any]) -> Entry:
    about = "profile" if memory.get("type") == "user" else "fact"
    return entry_with(
        memory["id"],
        memory["content"],
        {"kind": about, "title": memory.get("path")},
        created_at=moment(memory["created_at"]),
        updated_at=moment(memory["updated_at"]),
    )
