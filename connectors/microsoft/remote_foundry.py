"""A memory store of a project in Azure AI Foundry: what its agents know in one scope."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, Misconfigured, PreconditionFailed
from connectors.base.live.marks import entry_with
from connectors.base.live.oauth import OAuthConnector
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import each_once, each_page, the_list, the_mark
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page

_KIND_OF: dict[str, Kind] = {
    "user_profile": "profile",
    "procedural": "instruction",
    "chat_summary": "episode",
}
_SENT_AS: dict[Kind, str] = {
    "instruction": "procedural",
    "skill": "procedural",
    "event": "chat_summary",
    "episode": "chat_summary",
}
"""All others are user_profile."""


@dataclass(frozen=True)
class Options:
    endpoint: str = address(
        "Project endpoint", help="https://<account>.services.ai.azure.com/api/projects/<project>"
    )
    store: str = setting("Memory store", help="Its name in the project.")
    scope: str = setting("Scope", help="Whose memories, as your agents say it: often a user id.")
    tenant_id: str = setting("Tenant id", help="The directory of the app registration.")
    client_id: str = setting("Client id", help="The application id of the app registration.")
    client_secret: str = secret(
        "Client secret",
        help="Of an app registration that may use the project (role Azure AI User).",
    )


class FoundryMemoryStore(OAuthConnector):
    slug = "microsoft-foundry"
    name = "Azure AI Foundry memory"
    docs_url = "https://learn.microsoft.com/en-us/azure/foundry/agents/concepts/what-is-memory"
    capabilities = Capability.WRITE
    quirks = (
        "This is the memory of agents on Azure: what Copilot remembers has no API.",
        "It is a preview at Microsoft and may change.",
        "Titles are not kept, and there are three kinds: profile, procedure and summary of chats. "
        "What you send goes to the nearest one.",
        "The kind of a memory is fixed when it is sent first.",
        "There is no place for a mark of ours: after a run that broke off, what it sent is found "
        "again by its text.",
        "Agents that learn from chats may merge or rewrite memories.",
    )
    Options = Options

    @property
    def base_url(self) -> str:
        return str(self.options.endpoint)

    @property
    def token_url(self) -> str:
        tenant = self.options.tenant_id
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", tenant):
            raise Misconfigured("A tenant id has letters, digits, hyphens and dots.", "tenant_id")
        return f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"

    def grant(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.options.client_id,
            "client_secret": self.options.client_secret,
            "scope": "https://ai.azure.com/.default",
        }

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "foundry-features": "MemoryStores=V1Preview"}

    def check(self) -> Account:
        store = self.get(self._store, params=_VERSION)
        self._listed(None, limit=1)
        return Account(
            f"{store['id']} {self.options.scope}", f"{self.options.scope} in {store['name']}"
        )

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        for found in each_once(each_page(self._listed), "memory_id"):
            yield Page([_entry(one) for one in found])

    def create(self, item: Item, key: str) -> Entry | None:
        kind = _SENT_AS.get(item.kind, "user_profile")
        body = {"scope": self.options.scope, "content": item.text, "kind": kind}
        return _entry(self.post(f"{self._store}/items", params=_VERSION, json=body))

    def update(self, entry: Entry, item: Item) -> Entry:
        self._must_be_as_seen(entry)
        body = {"content": item.text}
        return _entry(self.post(self._item(entry.remote_id), params=_VERSION, json=body))

    def delete(self, entry: Entry) -> None:
        self._must_be_as_seen(entry)
        done = self.request("DELETE", self._item(entry.remote_id), params=_VERSION)
        if done["deleted"] is not True:
            raise BadResponse(f"{self.name} did not delete the memory.")

    @property
    def _store(self) -> str:
        return f"/memory_stores/{quote(self.options.store, safe='')}"

    def _item(self, memory_id: str) -> str:
        return f"{self._store}/items/{quote(memory_id, safe='')}"

    def _listed(self, mark: str | None, limit: int = 100) -> tuple[list[Any], str | None]:
        params = {**_VERSION, "limit": limit, "order": "asc", **({"after": mark} if mark else {})}
        body = {"scope": self.options.scope}
        answer = self.post(f"{self._store}/items:list", params=params, json=body)
        found = the_list(answer, "data")
        if any(one["scope"] != self.options.scope for one in found):
            raise BadResponse(f"{self.name} gave out memories of another scope.")
        return found, None if answer.get("has_more") is False else the_mark(answer, "last_id")

    def _must_be_as_seen(self, entry: Entry) -> None:
        if _entry(self.get(self._item(entry.remote_id), params=_VERSION)).etag != entry.etag:
            raise PreconditionFailed(f"{self.name} has changed this memory meanwhile.")


_VERSION: dict[str, Any] = {"api-version": "v1"}


def _entry(memory: Any) -> Entry:
    values = {"kind": _KIND_OF.get(memory["kind"], "fact")}
    changed = moment(memory["updated_at"])
    return entry_with(memory["memory_id"], memory["content"], values, updated_at=changed)
