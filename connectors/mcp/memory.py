"""What is the same for memory servers over pipes and over HTTP."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from connectors.base.live.options import setting
from connectors.base.protocol import Connector
from connectors.base.types import Account, Capability, Entry, Item, Page
from connectors.mcp.graph import TOOLS, Graph
from connectors.mcp.listed import Listed
from connectors.mcp.mapping import mapping
from connectors.mcp.session import Session, Wire

QUIRKS = (
    "The reference server's knowledge graph has no place for kinds and times. Each observation of"
    " an entity is a memory, with the entity as its title; relations stay there alone.",
    "Its observations have no ids: one whose words change counts as deleted and new.",
    "Of other servers the tools are guessed by their names; they keep what they have a place for.",
    "A server whose listing shows only a part of its memories is refused.",
    "Before each change all is listed again, for no server says whether it changed meanwhile.",
)


def home() -> Any:
    return setting(
        "Entity",
        default="me",
        help="In the reference server's graph: whom memories without a title are about.",
    )


def tools() -> Any:
    return setting(
        "Tools",
        default="",
        long=True,
        help='Only where they are not found: JSON such as {"list": {"tool": "all_notes", "items":'
        ' "notes", "id": "id", "text": "body"}, "add": {"tool": "new_note", "text": "body"},'
        ' "delete": {"tool": "drop_note", "id": "id"}}.',
    )


class McpMemory(Connector):
    """Subclasses give the wire and say which memories these are."""

    docs_url = "https://modelcontextprotocol.io/specification/2025-11-25"
    capabilities = Capability.WRITE
    quirks = QUIRKS

    @abstractmethod
    def wire(self) -> Wire:
        """Opened with the first use; `close` ends it."""

    @property
    @abstractmethod
    def space(self) -> str:
        """What tells these memories from those of another server."""

    def check(self) -> Account:
        # Listing is the one thing that every server must be able to do for us.
        self._memories.entries()
        return Account(f"{self.space}|{self._session.server}", self._session.server)

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page(self._memories.entries())

    def create(self, item: Item, key: str) -> Entry | None:
        return self._memories.create(item, key)

    def update(self, entry: Entry, item: Item) -> Entry:
        return self._memories.update(entry, item)

    def delete(self, entry: Entry) -> None:
        self._memories.delete(entry)

    @cached_property
    def _session(self) -> Session:
        return Session(self.wire())

    @cached_property
    def _memories(self) -> Graph | Listed:
        if self._session.tools.keys() >= TOOLS:
            return Graph(self._session, self.options.entity)
        return Listed(self._session, mapping(self._session.tools, self.options.mapping))
