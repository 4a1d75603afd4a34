"""Letta's memory blocks: named pieces of text in the context of the agents they are attached to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed, Rejected, Unavailable
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page, Room

PAGE = 100
_KINDS: dict[str, Kind] = {"human": "profile", "persona": "instruction"}


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", default="", help="A server of your own may need none.")
    base_url: str = address("Address", default="https://api.letta.com")
    project_id: str = setting("Project id", default="", help="Leave empty for all projects.")
    tag: str = setting(
        "Tag", default="", help="Only blocks with this tag are used, and new ones get it."
    )


class LettaBlocks(RestConnector):
    slug = "letta-blocks"
    name = "Letta blocks"
    docs_url = "https://docs.letta.com/api-reference"
    capabilities = Capability.WRITE
    room = Room(text=100_000)
    quirks = (
        "A new block is seen by an agent only after it was attached to it in Letta.",
        "Blocks have no times.",
        "A block that changes within the moment between our look and our write is overwritten.",
    )
    Options = Options

    def headers(self) -> dict[str, str]:
        key = self.options.api_key
        return {"Authorization": f"Bearer {key}"} if key else {}

    def check(self) -> Account:
        for block in self._blocks(limit=1):
            _entry(block)
        host = urlsplit(self.base_url).netloc
        space = "/".join(filter(None, (host, self.options.project_id, self.options.tag)))
        return Account(id=space, label=space)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        seen: set[str] = set()
        last = ""
        while found := self._blocks(limit=PAGE, **({"after": last} if last else {})):
            entries = [_entry(block) for block in found if block["id"] not in seen]
            if not entries:
                raise BadResponse("Letta listed the same blocks again.")
            seen.update(entry.remote_id for entry in entries)
            last = found[-1]["id"]
            yield Page(entries)
        self._must_still_hold(last)

    def create(self, item: Item, key: str) -> Entry:
        body = {
            "label": f"satchel-{key}",
            "value": item.text,
            "description": item.title or None,
            "metadata": marks(item, key),
            "tags": [self.options.tag] if self.options.tag else [],
            "project_id": self.options.project_id or None,
        }
        return _entry(self.post("/v1/blocks/", json=body))

    def update(self, entry: Entry, item: Item) -> Entry:
        block = self._unchanged(entry)
        if len(item.text) > (block.get("limit") or len(item.text)):
            raise Rejected("This is longer than the block allows.")
        body: dict[str, Any] = {"value": item.text}
        if entry.key:  # another's block keeps its description, which tells agents what it is for
            said = {**(block.get("metadata") or {}), **marks(item, entry.key)}
            body |= {"metadata": said, "description": item.title}
        return _entry(self.patch(_path(entry), json=body))

    def delete(self, entry: Entry) -> None:
        self._unchanged(entry)
        self.request("DELETE", _path(entry))

    def _blocks(self, **params: Any) -> list[dict[str, Any]]:
        chosen = {"project_id": self.options.project_id, "tags": self.options.tag}
        given = {name: value for name, value in chosen.items() if value}
        found = self.get("/v1/blocks/", params={"order": "asc", **params, **given})
        if not isinstance(found, list):
            raise BadResponse("Letta answered in a form that is not known.")
        return found

    def _must_still_hold(self, last: str) -> None:
        """After a block that is gone the server lists nothing: that is no end of the listing."""
        try:
            if last:
                self.get(f"/v1/blocks/{quote(last, safe='')}")
        except NotFound as error:
            raise Unavailable("Letta changed while it was being listed.") from error

    def _unchanged(self, entry: Entry) -> dict[str, Any]:
        block: dict[str, Any] = self.get(_path(entry))
        if _entry(block).etag != entry.etag:
            raise PreconditionFailed("The block changed in Letta.")
        return block


def _path(entry: Entry) -> str:
    return f"/v1/blocks/{quote(entry.remote_id, safe='')}"


def _entry(block: dict[str, Any]) -> Entry:
    """A block that others wrote says what it is by its label."""
    label = block.get("label") or ""
    entry = entry_with(block["id"], block["value"], block.get("metadata"))
    if entry.key:
        return entry
    said = {"kind": _KINDS.get(label, "fact"), "title": label}
    return entry_with(block["id"], block["value"], said)
