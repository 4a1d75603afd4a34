"""A Mem0 server that somebody runs: the memories of one user on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed, Rejected
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.rest import RestConnector
from connectors.base.shape import an_object_in
from connectors.base.types import Account, Capability, Entry, Item, Page, Room
from connectors.mem0.rows import entry_of

_AT_MOST = 1000
"""The server lists no more than this, and cannot be asked for the rest."""


@dataclass(frozen=True)
class Options:
    base_url: str = address("Server address", help="For example http://localhost:8888.")
    user_id: str = setting("User id", help="The user_id under which your apps keep your memories.")
    api_key: str = secret(
        "API key",
        default="",
        help="Create one on the server's dashboard. Leave it empty where sign-in is switched off.",
    )


class Mem0Server(RestConnector):
    slug = "mem0-server"
    name = "Mem0 server"
    docs_url = "https://docs.mem0.ai/open-source/features/rest-api"
    capabilities = Capability.WRITE
    room = Room(entries=_AT_MOST - 1)
    per_minute = 300
    Options = Options
    quirks = (
        "The server lists at most 1,000 memories of one user. From there on nothing is synced, "
        "since what is missing could not be told from what was deleted.",
        "After a deletion the server still keeps the text in its history.",
        "Every key of a server may read and change the memories of all its users.",
        "The server cannot refuse an edit because of another one: we read the memory again right "
        "before.",
    )

    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.options.api_key} if self.options.api_key else {}

    def check(self) -> Account:
        self._rows(1)
        space = f"{self.base_url.rstrip('/')}/{self.options.user_id}"
        return Account(space, self.options.user_id)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        rows = self._rows(_AT_MOST)
        if len(rows) >= _AT_MOST:
            raise BadResponse("The server lists at most 1,000 memories, and there may be more.")
        yield Page([entry_of(row) for row in rows])

    def create(self, item: Item, key: str) -> Entry:
        body = {
            "messages": [{"role": "user", "content": item.text}],
            "user_id": self.options.user_id,
            "metadata": marks(item, key),
            "infer": False,  # otherwise an LLM rewrites it
        }
        made = the_list(self.post("/memories", json=body), "results")
        if not made:
            raise Rejected("The server kept nothing of it.")
        return entry_with(made[0]["id"], made[0]["memory"], marks(item, key))

    def update(self, entry: Entry, item: Item) -> Entry:
        row = self._unchanged(entry)
        beside = {**an_object_in(row, "metadata"), **marks(item)}
        if "message" not in self.put(_path(entry), json={"text": item.text, "metadata": beside}):
            raise BadResponse("The server did not say that it changed this memory.")
        return entry_of({**row, "memory": item.text, "metadata": beside})

    def delete(self, entry: Entry) -> None:
        self._unchanged(entry)
        self.request("DELETE", _path(entry))

    def _rows(self, at_most: int) -> list[Any]:
        query: dict[str, str | int] = {"user_id": self.options.user_id, "top_k": at_most}
        return the_list(self.get("/memories", params=query), "results")

    def _unchanged(self, entry: Entry) -> dict[str, Any]:
        """The row behind `entry`, as long as it is the one that was seen."""
        row: dict[str, Any] | None = self.get(_path(entry))
        if row is None:  # so the server says that there is none
            raise NotFound("This memory is gone from the server.")
        if entry_of(row).etag != entry.etag:
            raise PreconditionFailed("This memory was changed on the server meanwhile.")
        return row


def _path(entry: Entry) -> str:
    return f"/memories/{quote(entry.remote_id, safe='')}"
