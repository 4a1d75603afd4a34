"""Supermemory: the memories under one container tag, hosted or on a server of one's own.

An edit there makes a new version with an id of its own. What stays is the id of the first version:
that is our `remote_id`, and the id of the latest one is the `etag`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.base.errors import (
    ConnectorError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
)
from connectors.base.live.counted import counted_pages
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page, Room

_PAGE_SIZE = 200
_GONE = "This memory is gone from Supermemory."


@dataclass(frozen=True)
class Options:
    api_key: str = secret(
        "API key",
        help="Create one at console.supermemory.ai, if you like only for this container tag. "
        "A server of your own prints one when it starts for the first time.",
    )
    container_tag: str = setting(
        "Container tag", help="The tag under which your apps keep your memories, such as user_123."
    )
    base_url: str = address(
        "API address",
        default="https://api.supermemory.ai",
        help="For a server of your own, for example http://localhost:6767.",
    )


class Supermemory(RestConnector):
    slug = "supermemory"
    name = "Supermemory"
    docs_url = "https://supermemory.ai/docs/recall/memory-operations"
    capabilities = Capability.WRITE
    room = Room(text=10_000)
    per_minute = 300
    Options = Options
    quirks = (
        "What is deleted is only marked as forgotten there: its text stays stored until you delete "
        "the container tag.",
        "Every edit makes a new version there, and the earlier ones stay in its history.",
        "Kind and title of memories that other apps keep there cannot be changed.",
        "One memory cannot be read alone, so an edit made there in the moment of ours is not "
        "noticed; it stays in the history.",
    )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.options.api_key}"}

    def error(self, response: httpx.Response) -> ConnectorError:
        if response.status_code == httpx.codes.PAYMENT_REQUIRED:
            return RateLimited("Your plan at Supermemory is used up.")
        return super().error(response)

    def check(self) -> Account:
        try:
            self._page(1, size=1)
        except NotFound as error:
            raise Misconfigured(
                "Supermemory knows no such container tag.", "container_tag"
            ) from error
        tag = self.options.container_tag
        return Account(f"{self.base_url.rstrip('/')}/{tag}", tag)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        return counted_pages(self._page)

    def create(self, item: Item, key: str) -> Entry:
        memory = {"content": item.text, "metadata": marks(item, key)}
        answer = self.post("/v4/memories", json=self._here({"memories": [memory]}))
        (made,) = the_list(answer, "memories")
        return entry_with(made["id"], made["memory"], marks(item, key), etag=made["id"])

    def update(self, entry: Entry, item: Item) -> Entry:
        body: dict[str, Any] = {"id": entry.etag, "newContent": item.text}
        if entry.key:  # what others noted beside theirs would be replaced
            body["metadata"] = marks(item, entry.key)
        made = self.patch("/v4/memories", json=self._here(body))
        return entry_with(entry.remote_id, made["memory"], made["metadata"], etag=made["id"])

    def delete(self, entry: Entry) -> None:
        body = self._here({"id": entry.etag, "reason": "Deleted in Satchel"})
        try:
            answer = self.request("DELETE", "/v4/memories", json=body)
        except PreconditionFailed as error:  # 409: it was forgotten already
            raise NotFound(_GONE) from error
        if answer["forgotten"] is not True:
            raise Rejected("Supermemory did not forget this memory.")

    def _here(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "containerTag": self.options.container_tag}

    def _page(self, number: int, size: int = _PAGE_SIZE) -> tuple[list[Entry], object, bool]:
        body = {
            "containerTags": [self.options.container_tag],
            "page": number,
            "limit": size,
            "sort": "createdAt",
            "order": "desc",  # as counted_pages needs it
        }
        answer = self.post("/v4/memories/list", json=body)
        around = answer["pagination"]
        more = around["currentPage"] < around["totalPages"]
        entries = [_entry(row) for row in the_list(answer, "memoryEntries")]
        return entries, around["totalItems"], more


def _entry(row: Any) -> Entry:
    if row["isForgotten"]:
        return Entry(_first_version(row), "", None)
    return entry_with(
        _first_version(row),
        row["memory"],
        row.get("metadata"),
        etag=row["id"],
        created_at=moment(row["createdAt"]),
        updated_at=moment(row["updatedAt"]),
    )


def _first_version(row: Any) -> str:
    """Its id. Older servers do not name it; then it is the oldest of the history."""
    if first := row.get("rootMemoryId"):
        return str(first)
    versions = [(one["version"], one["id"]) for one in [row, *the_list(row, "history")]]
    return str(min(versions)[1])
