"""Another Satchel, by its REST API: vaults that keep each other in step. See docs/api.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from connectors.base.errors import (
    AuthError,
    BadResponse,
    ConnectorError,
    CursorExpired,
    Rejected,
)
from connectors.base.kinds import kind_of
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page, Room

_API = "/api/v1"
_PAGE_SIZE = 100
_TITLE = 300
_BARREN = 1000
"""So many pages in a row that hold nothing and promise more are a server gone astray."""


@dataclass(frozen=True)
class Options:
    base_url: str = address(
        "Address", help="Where the other Satchel is, such as https://satchel.example.org."
    )
    token: str = secret(
        "Token",
        help="In the other Satchel, open Grants and make one for an API token. It sees and adds"
        " what you choose there.",
    )
    collection_id: str = setting(
        "Collection",
        default="",
        help="The id of the collection that new memories go to. Needed only where the token may"
        " add to several.",
    )


class Satchel(RestConnector):
    slug = "satchel"
    name = "Another Satchel"
    docs_url = "https://satchel.example/docs/api"
    capabilities = Capability.WRITE | Capability.DELTA
    room = Room(text=100_000)
    quirks = (
        "Where its grant says that its owner is asked, what is sent waits there and counts as"
        " arrived once they accept it; deleting is refused then. A profile or an instruction, which"
        " every app is told, always waits.",
        "What a new grant adds, and what reads like an order to a model, is held there until its"
        " owner has looked at it.",
        "Only text, title and kind are sent: not how long something is true, nor its history.",
        "A deleted memory can be brought back there by its owner for 30 days.",
    )
    per_minute = 300
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.options.token}"}

    def check(self) -> Account:
        me = self.get(f"{_API}/me")
        if not any(collection["see"] is True for collection in me["collections"]):
            raise AuthError("This token may see nothing there. Ask for one that may.")
        return Account(me["grantee"]["id"], f"{me['grantee']['name']} at {self._host}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """A memory that changes while this goes on may come twice, the newer state later."""
        said = self._first(cursor)
        barren = 0
        while True:
            yield Page([_change(change) for change in said["changes"]], said["next"])
            if said["more"] is False:
                return
            barren = 0 if said["changes"] else barren + 1
            if said["more"] is not True or barren > _BARREN:
                raise BadResponse(f"{self.name} does not come to an end with its changes.")
            said = self._changes(said["next"])

    def create(self, item: Item, key: str) -> Entry | None:
        body = _words(item)
        if self.options.collection_id:
            body["collection_id"] = self.options.collection_id
        made = self.post(f"{_API}/memories", json=body, headers={"Idempotency-Key": key})
        # What is held is in no listing yet: it would look as if it had been deleted.
        return None if _waits(made) or made["held"] else _entry(made)

    def update(self, entry: Entry, item: Item) -> Entry:
        path, match = _path(entry), {"If-Match": entry.etag}
        changed = self.patch(path, json=_words(item), headers=match)
        # Until its owner accepts, it is there as it was.
        return entry if _waits(changed) else _entry(changed)

    def delete(self, entry: Entry) -> None:
        answer = self.request("DELETE", _path(entry), headers={"If-Match": entry.etag})
        if answer is None:
            return
        if _waits(answer):
            raise Rejected(f"{self.name} asks its owner before it forgets this.")
        raise BadResponse(f"{self.name} does not say that it forgot this.")

    def error(self, response: httpx.Response) -> ConnectorError:
        if response.status_code == httpx.codes.FORBIDDEN:
            return AuthError("The grant at the other Satchel does not allow this. Widen it there.")
        if response.status_code == httpx.codes.GONE:
            return CursorExpired(f"{self.name} wants its changes to be read from the start.")
        return super().error(response)

    @property
    def _host(self) -> str:
        return httpx.URL(self.base_url).host

    def _first(self, cursor: str | None) -> Any:
        """The first changes. A cursor given to another token is refused, as one too old is."""
        try:
            return self._changes(cursor)
        except (Rejected, CursorExpired) as error:
            kind = BadResponse if cursor is None else CursorExpired
            raise kind(str(error)) from error

    def _changes(self, cursor: str | None = None) -> Any:
        after = {"cursor": cursor} if cursor is not None else {}
        return self.get(f"{_API}/changes", params={"limit": _PAGE_SIZE} | after)


def _path(entry: Entry) -> str:
    return f"{_API}/memories/{quote(entry.remote_id, safe='')}"


def _words(item: Item) -> dict[str, str]:
    return {"text": item.text, "kind": item.kind, "title": item.title[:_TITLE]}


def _waits(answer: Any) -> bool:
    """Whether it is a suggestion now: only that has a state."""
    return bool(answer.get("state") == "waiting")


def _change(change: dict[str, Any]) -> Entry:
    if change["memory"] is None:
        return Entry(change["id"], "", None)
    return _entry(change["memory"])


def _entry(memory: dict[str, Any]) -> Entry:
    item = Item(
        text=memory["text"],
        kind=kind_of(memory["kind"]),
        title=memory["title"],
        created_at=moment(memory["created_at"]),
        updated_at=moment(memory["updated_at"]),
    )
    return Entry(memory["id"], f'"{int(memory["revision"])}"', item)
