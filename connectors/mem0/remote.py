"""Mem0 Platform: the memories of one user of a project."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from connectors.base.errors import ConnectorError, PreconditionFailed, Rejected
from connectors.base.live.counted import counted_pages
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.rest import RestConnector
from connectors.base.shape import an_object_in
from connectors.base.types import Account, Capability, Entry, Item, Page
from connectors.mem0.rows import entry_of

_CHANGES = frozenset({"ADD", "UPDATE", "DELETE"})
_PAGE_SIZE = 200


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="Create one at app.mem0.ai under Settings, API keys.")
    user_id: str = setting("User id", help="The user_id under which your apps keep your memories.")
    base_url: str = address("API address", default="https://api.mem0.ai")


class Mem0(RestConnector):
    slug = "mem0"
    name = "Mem0"
    docs_url = "https://docs.mem0.ai/api-reference"
    # No DELTA: it can be asked what changed since a moment, but not what was deleted.
    capabilities = Capability.WRITE | Capability.NOTICE
    per_minute = 300
    Options = Options
    quirks = (
        "Everything is listed in each run: Mem0 can tell what changed, but not what was deleted.",
        "Mem0 marks memories that it holds to be outdated, and still shows them: so do we.",
        "Memories past their expiry date, and those that Mem0 merged into others, are not listed "
        "any more and count as deleted.",
        "Notices from Mem0 are not signed, so they only make us look again.",
        "Mem0 cannot refuse an edit because of another one: we read the memory again right before.",
    )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.options.api_key}"}

    def error(self, response: httpx.Response) -> ConnectorError:
        if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return Rejected("Mem0 has no room for this: it is too long, or your plan is used up.")
        return super().error(response)

    def check(self) -> Account:
        said = self.get("/v1/ping/")
        space = f"{said['org_id']}/{said['project_id']}/{self.options.user_id}"
        return Account(space, f"{self.options.user_id} ({said['user_email']})")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        return counted_pages(self._page)

    def create(self, item: Item, key: str) -> Entry | None:
        body = {
            "messages": [{"role": "user", "content": item.text}],
            "user_id": self.options.user_id,
            "metadata": marks(item, key),
            "infer": False,  # otherwise an LLM rewrites it
        }
        if item.created_at:
            body["timestamp"] = int(item.created_at.timestamp())
        answer = self.post("/v3/memories/add/", json=body)
        if "results" not in answer and answer["status"] == "PENDING":
            return None
        made = the_list(answer, "results")
        if not made:
            raise Rejected("Mem0 kept nothing of it: it may know it already.")
        return entry_with(made[0]["id"], made[0]["data"]["memory"], marks(item, key))

    def update(self, entry: Entry, item: Item) -> Entry:
        beside = an_object_in(self._unchanged(entry), "metadata")
        body = {"text": item.text, "metadata": {**beside, **marks(item)}}
        return entry_of(self.put(_path(entry), json=body))

    def delete(self, entry: Entry) -> None:
        self._unchanged(entry)
        self.request("DELETE", _path(entry))

    def heard(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            return json.loads(body)["event_details"]["event"] in _CHANGES
        except (ValueError, KeyError, TypeError, RecursionError):
            return False

    def _page(self, number: int) -> tuple[list[Entry], object, bool]:
        query = {"page": number, "page_size": _PAGE_SIZE}
        body = {"filters": {"user_id": self.options.user_id}}
        answer = self.post("/v3/memories/", params=query, json=body)
        entries = [entry_of(row) for row in the_list(answer, "results")]
        return entries, answer["count"], answer["next"] is not None

    def _unchanged(self, entry: Entry) -> dict[str, Any]:
        """The row behind `entry`, as long as it is the one that was seen."""
        row: dict[str, Any] = self.get(_path(entry))
        if entry_of(row).etag != entry.etag:
            raise PreconditionFailed("This memory was changed at Mem0 meanwhile.")
        return row


def _path(entry: Entry) -> str:
    return f"/v1/memories/{quote(entry.remote_id, safe='')}/"
