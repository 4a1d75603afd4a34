"""A Graphiti server: what was told to one of its groups, and the facts it learnt from it.

The server has no list of facts. What it has is a list of episodes (messages), each with the ids of
the facts that were drawn from it. So the listing holds

* the messages that we sent, with the text they were sent with, and
* the facts that come from anybody else's messages, read one by one.

The facts that its model drew from our messages only say again what the vault holds: they are left
out, and deleted together with the message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed
from connectors.base.live.marks import entry_with
from connectors.base.live.options import address, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page
from connectors.zep.facts import edge_entry

_FIRST_ASK, _LAST_ASK = 1_000, 1_000_000
_AT_ONCE = 50
_OURS = "satchel "
_SAYS = "User(user): "
"""What the server puts before the text of a message."""


@dataclass(frozen=True)
class Options:
    base_url: str = address("Server address", help="For example http://localhost:8000.")
    group_id: str = setting("Group id", help="The group_id under which your apps keep your memory.")


class Graphiti(RestConnector):
    slug = "zep-graphiti"
    name = "Graphiti server"
    docs_url = "https://github.com/getzep/graphiti/tree/main/server"
    capabilities = Capability.CREATE | Capability.DELETE
    per_minute = 1200
    Options = Options
    quirks = (
        "The server asks nobody to sign in: run it where only you can reach it.",
        "It cannot list facts. We list the messages we sent, and read one by one the facts that it "
        "learnt from the messages of others: one request for each fact in each run.",
        "Facts that were added without a message, or whose message was deleted, are not seen.",
        "Messages dated in the future are not listed until then.",
        "What is sent is kept as a message and read by its model in the background; it shows up in "
        "a later run, or never if that fails there.",
        "Nothing can be changed there, only deleted and sent again.",
        "Deleting a message takes along the facts that come from it alone. The names of people and "
        "things that its model found in it stay.",
    )

    def check(self) -> Account:
        self._episodes(1)
        space = f"{self.base_url.rstrip('/')}/{self.options.group_id}"
        return Account(space, self.options.group_id)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        episodes = self._all_episodes()
        yield Page([_message(one) for one in episodes if _is_ours(one)])
        others = [one["entity_edges"] for one in episodes if not _is_ours(one)]
        uuids = list(dict.fromkeys(uuid for edges in others for uuid in edges))
        for at in range(0, len(uuids), _AT_ONCE):
            found = (self._fact(uuid) for uuid in uuids[at : at + _AT_ONCE])
            yield Page([_fact(edge) for edge in found if edge])

    def create(self, item: Item, key: str) -> None:
        message: dict[str, str] = {
            "content": item.text,
            "role_type": "user",
            "role": "User",
            "name": f"{_OURS}{key}",
            "source_description": f"{item.kind} {item.title}".strip(),
        }
        if item.created_at:
            message["timestamp"] = item.created_at.isoformat()
        body = {"group_id": self.options.group_id, "messages": [message]}
        if self.post("/messages", json=body)["success"] is not True:
            raise BadResponse("The server did not say that it takes this message.")

    def delete(self, entry: Entry) -> None:
        sort, _, uuid = entry.remote_id.partition("/")
        if sort == "episode":
            self._forget_facts_of(uuid)
        elif _fact(self.get(_path("entity-edge", uuid))).etag != entry.etag:
            raise PreconditionFailed("This fact was changed on the server meanwhile.")
        self.request("DELETE", _path(sort, uuid))

    def _forget_facts_of(self, uuid: str) -> None:
        mine = [one for one in self._all_episodes() if one["uuid"] == uuid]
        if not mine:
            raise NotFound("This message is gone from the server.")
        for edge in filter(None, map(self._fact, mine[0]["entity_edges"])):
            if edge["episodes"] == [uuid]:
                self.request("DELETE", _path("entity-edge", edge["uuid"]))

    def _fact(self, uuid: str) -> dict[str, Any] | None:
        """None: it was deleted, though a message still names it."""
        try:
            edge: dict[str, Any] = self.get(_path("entity-edge", uuid))
        except NotFound:
            return None
        return edge

    def _all_episodes(self) -> list[Any]:
        """The server gives the last so many: we ask for more until there are fewer."""
        ask = _FIRST_ASK
        while len(found := self._episodes(ask)) >= ask:
            if ask >= _LAST_ASK:
                raise BadResponse("There are more messages on the server than can be listed.")
            ask *= 10
        return found

    def _episodes(self, last: int) -> list[Any]:
        found = self.get(_path("episodes", self.options.group_id), params={"last_n": last})
        if not isinstance(found, list):
            raise TypeError("episodes")
        if any(one["group_id"] != self.options.group_id for one in found):
            raise BadResponse("The server answered with the messages of another group.")
        return found


def _path(sort: str, name: str) -> str:
    return f"/{sort}/{quote(name, safe='')}"


def _is_ours(episode: Any) -> bool:
    return bool(episode["name"].startswith(_OURS))


def _message(episode: Any) -> Entry:
    kind, _, title = episode["source_description"].partition(" ")
    values = {"satchel": episode["name"].removeprefix(_OURS), "kind": kind, "title": title}
    text = episode["content"].removeprefix(_SAYS)
    name, at = f"episode/{episode['uuid']}", moment(episode["valid_at"])
    return entry_with(name, text, values, created_at=at)


def _fact(edge: Any) -> Entry:
    seen = edge_entry(edge)
    return Entry(f"entity-edge/{seen.remote_id}", seen.etag, seen.item, unreadable=seen.unreadable)
